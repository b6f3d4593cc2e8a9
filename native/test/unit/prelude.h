// What nearly every unit test includes, compiled once (the Makefile's precompiled header). Tests name what
// they use all the same: this saves time and adds nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>
