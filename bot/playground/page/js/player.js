// Clips play silently while they are looked at, and rest when they are not.

const calm = matchMedia("(prefers-reduced-motion: reduce)");

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting && !calm.matches && !target.dataset.stopped) target.play().catch(() => {});
      else if (!isIntersecting) rest(target);
    }
  },
  { threshold: 0.6 },
);

function rest(video) {
  video.dataset.resting = "1";
  video.pause();
}

/** Play this video while it is in view; a member's own pause is respected. */
export function watch(video) {
  video.addEventListener("pause", () => {
    if (!video.dataset.resting && video.isConnected) video.dataset.stopped = "1";
    delete video.dataset.resting;
  });
  video.addEventListener("play", () => delete video.dataset.stopped);
  observer.observe(video);
}
