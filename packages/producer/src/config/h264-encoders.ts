/** The encoders that we know how to speak to, the best first. */
export const h264Encoders = ['h264_vaapi', 'h264_v4l2m2m', 'h264_nvenc', 'h264_qsv', 'libx264'] as const;
/** One of `h264Encoders`. */
export type H264EncoderName = (typeof h264Encoders)[number];

/** x264's presets that keep up with a camera, from the cheapest. */
export const x264Presets = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium'] as const;
/** One of `x264Presets`. */
export type X264Preset = (typeof x264Presets)[number];
