{
  "target_defaults": {
    "include_dirs": ["src", "<!@(node -p \"require('node-addon-api').include\")"],
    # Swallow: a worker that is being ended can neither be called nor be thrown at.
    "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_DEPRECATED", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
                "_GNU_SOURCE"],
    "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20", "-fno-rtti"],
    "cflags_cc": ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-O2", "-fvisibility=hidden", "-fexceptions"],
    "ldflags": ["-pthread"]
  },
  "targets": [
    {
      "target_name": "ring_library",
      "type": "static_library",
      "sources": ["<!@(find src/base src/shm src/ring -name '*.cc' | sort)", "src/pixels/pixel_format.cc"]
    },
    {
      "target_name": "ring",
      "dependencies": ["ring_library"],
      "sources": [
        "src/binding/ring_addon.cc",
        "src/binding/frame_buffer.cc",
        "src/binding/ring_info.cc",
        "src/binding/ring_live.cc",
        "src/binding/ring_reader_binding.cc",
        "src/binding/wait_thread.cc"
      ],
      "ldflags": ["-static-libstdc++", "-static-libgcc"]
    },
    {
      "target_name": "camera",
      "dependencies": ["ring_library"],
      # Loops over pixels of any number become SIMD: -O2 alone takes those whose number it knows.
      "cflags_cc": ["-ftree-vectorize", "-fvect-cost-model=dynamic"],
      "sources": [
        "src/binding/camera_addon.cc",
        "src/binding/capture_binding.cc",
        "src/binding/conversion_binding.cc",
        "src/binding/device_binding.cc",
        "src/binding/event_channel.cc",
        "src/binding/feeder_binding.cc",
        "src/binding/jpeg_encoder_binding.cc",
        "src/binding/loop_event_object.cc",
        "src/binding/native_options.cc",
        "src/binding/picture_code_binding.cc",
        "src/binding/ring_info.cc",
        "src/binding/ring_writer_binding.cc",
        "src/binding/socket_binding.cc",
        "src/binding/source_options.cc",
        "<!@(find src/pixels src/capture -name '*.cc' ! -name pixel_format.cc | sort)"
      ],
      "libraries": ["-lyuv", "-lturbojpeg"]
    },
    {
      # Runs GStreamer pipelines as a child; lies beside the addons.
      "target_name": "camstream-gst",
      "type": "executable",
      "sources": ["<!@(find src/gstreamer -name '*.cc' | sort)", "src/capture/carrier_format.cc",
                  "src/pixels/pixel_format.cc"],
      "ldflags": ["-static-libstdc++", "-static-libgcc"]
    }
  ]
}
