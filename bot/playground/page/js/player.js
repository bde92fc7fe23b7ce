// Clips play silently while they are looked at, and rest when they are not; controls come with the pointer or the focus.

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

/** Play this video while it is in view; a member's own pause is respected. */
export function watch(video) {
  video.controls = calm.matches;
  video.tabIndex = 0;
  for (const come of ["pointerenter", "focus"]) video.addEventListener(come, () => showControls(video));
  for (const go of ["pointerleave", "blur"]) video.addEventListener(go, () => hideControls(video));
  video.addEventListener("pause", () => {
    if (!video.dataset.resting && video.isConnected) video.dataset.stopped = "1";
    delete video.dataset.resting;
  });
  video.addEventListener("play", () => delete video.dataset.stopped);
  observer.observe(video);
}
