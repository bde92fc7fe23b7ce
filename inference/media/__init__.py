"""Frames to files and back: encoding, scaling, marking, decoding what strangers send. No torch.

ClipEncoder      encode     frame batches, while they arrive -> faststart mp4 at the delivered size
Stills           poster     frame batches, while they pass -> WebP poster and JPEG spritesheet
cover            scale      frames of one size -> another, scaled and cropped, never stretched
Watermark        watermark  the visible mark
read_frames      decode     our own stored mp4s and images -> frames
sanitize_image   uploads    a stranger's bytes -> a clean PNG, by way of a caged process
shrink_to        shrink     an mp4 -> a smaller one under an upload limit
"""
