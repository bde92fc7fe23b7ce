// Clips play silently while they are looked at, and rest when they are not; controls come with the pointer, keys with the focus.

const calm = matchMedia("(prefers-reduced-motion: reduce)");

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting && !calm.matches && !target.dataset.stopped) target.play().catch(() => showControls(target));
      else if (!isIntersecting) rest(target);
    }
  },
  { threshold: 0.6 },
);

function rest(video) {
  video.dataset.resting = "1";
  video.pause();
}

function showControls(video) {
  video.controls = true;
}

function hideControls(video) {
  const needed = calm.matches || video.paused || video.matches(":focus, :fullscreen");
  if (!needed) video.controls = false;
}

/** One Tab per clip: the keyboard needs no controls of the browser, which are five. */
function onKey(event) {
  const video = event.currentTarget;
  if (event.key === " " || event.key === "Enter") {
    if (video.paused) video.play();
    else video.pause();
  } else if (event.key === "f" && !event.ctrlKey && !event.metaKey) video.requestFullscreen();
  else return;
  event.preventDefault();
}

/** Play this video while it is in view; a member's own pause is respected. */
export function watch(video) {
  video.controls = calm.matches;
  video.tabIndex = 0;
  video.addEventListener("pointerenter", () => showControls(video));
  video.addEventListener("pointerleave", () => hideControls(video));
  video.addEventListener("keydown", onKey);
  video.addEventListener("pause", () => {
    if (!video.dataset.resting && video.isConnected) video.dataset.stopped = "1";
    delete video.dataset.resting;
  });
  video.addEventListener("play", () => delete video.dataset.stopped);
  observer.observe(video);
}
