/** What vivid can be told to do wrong: in words, and the controls that bring it about. */
export const injections = [
  ['a buffer that the driver flags', ['inject_v4l2_buf_flag_error']],
  ['a fatal error of the stream', ['inject_fatal_streaming_error']],
  ['an error of QBUF', ['inject_vidioc_qbuf_error']],
  [
    'a stream that ends and an error of REQBUFS',
    ['inject_vidioc_reqbufs_error', 'inject_fatal_streaming_error'],
  ],
  [
    'a stream that ends and an error of STREAMON',
    ['inject_vidioc_streamon_error', 'inject_fatal_streaming_error'],
  ],
  ['a device that is disconnected', ['disconnect']],
  ['an error of a request, which we make none of', ['inject_req_validate_error']],
] as const;
