// For loops that watch memory: lets the other hyperthread run, and says that the loop waits.
#pragma once

namespace camstream {

inline void relax_processor() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace camstream
