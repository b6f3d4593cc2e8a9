{
  "target_defaults": {
    "include_dirs": ["src", "<!@(node -p \"require('node-addon-api').include\")"],
    "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_DEPRECATED", "_GNU_SOURCE"],
    "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20", "-fno-rtti"],
    "cflags_cc": ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-O2", "-fvisibility=hidden", "-fexceptions"],
    "ldflags": ["-pthread"]
  },
  "targets": [
    {
      "target_name": "ring",
      "sources": ["src/binding/ring_addon.cc"]
    },
    {
      "target_name": "camera",
      "sources": [
        "src/binding/camera_addon.cc",
        "src/capture/synthetic_source.cc",
        "src/pixels/block_code.cc",
        "src/pixels/luma.cc",
        "src/pixels/picture_area.cc",
        "src/pixels/pixel_format.cc",
        "src/pixels/row_code.cc",
        "src/pixels/test_picture.cc"
      ],
      "libraries": ["-lyuv", "-lturbojpeg"]
    }
  ]
}
