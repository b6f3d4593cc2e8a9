// The carrier: what a child writes arrives, and whatever else comes out of the pipe does no harm.
#include "capture/carrier_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "capture/carrier_format.h"
#include "gstreamer/carrier_writer.h"

namespace camstream {
namespace {

using Got = CarrierReader::Got;

// A pipe with a reader at its end.
class Pipe {
 public:
  Pipe() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    read_.reset(ends[0]);
    write_.reset(ends[1]);
    fcntl(read_.get(), F_SETFL, O_NONBLOCK);
    fcntl(read_.get(), F_SETPIPE_SZ, 1 << 20);
  }
  int read() const { return read_.get(); }
  CarrierWriter writer() const { return CarrierWriter(UniqueFd(dup(write_.get()))); }
  void put(const void* bytes, size_t size) {
    EXPECT_EQ(write(write_.get(), bytes, size), static_cast<ssize_t>(size));
  }
  void end() { write_.reset(); }

 private:
  UniqueFd read_;
  UniqueFd write_;
};

FrameLayout small_layout(uint32_t width = 16) {
  FrameLayout layout = packed_layout(PixelFormat::kNv12, width, 8);
  layout.rate_numerator = 30;
  return layout;
}

std::string outcome(const Result<Got>& got) { return got ? "" : got.error().code; }

TEST(CarrierReader, TakesFormatFramesWordsAndTheEnd) {
  Pipe pipe;
  CarrierWriter writer = pipe.writer();
  CarrierReader reader(pipe.read());
  const FrameLayout layout = small_layout();
  std::vector<uint8_t> picture(layout.payload_size, 7), room(layout.payload_size);

  EXPECT_EQ(*reader.read(room.data()), Got::kNothing);
  ASSERT_TRUE(writer.format(carrier_format_of(layout)));
  CarrierHead head;
  head.body_size = layout.payload_size;
  head.captured_ns = 123;
  head.number = 5;
  ASSERT_TRUE(writer.frame(head, picture.data(), picture.size()));
  ASSERT_TRUE(writer.notice("slow"));
  ASSERT_TRUE(writer.fault(GstFault::kNoElement, "x264enc", "no such thing"));
  ASSERT_TRUE(writer.end());

  EXPECT_EQ(*reader.read(nullptr), Got::kFormat);
  EXPECT_EQ(reader.layout(), layout);
  EXPECT_EQ(*reader.read(nullptr), Got::kNoRoom);
  EXPECT_EQ(*reader.read(room.data()), Got::kFrame);
  EXPECT_EQ(room, picture);
  EXPECT_EQ(reader.head().captured_ns, 123u);
  EXPECT_EQ(reader.head().number, 5u);
  EXPECT_EQ(*reader.read(room.data()), Got::kNotice);
  EXPECT_EQ(reader.text(), "slow");
  EXPECT_EQ(*reader.read(room.data()), Got::kFault);
  EXPECT_EQ(reader.head().flags, static_cast<uint32_t>(GstFault::kNoElement));
  EXPECT_EQ(reader.text(), "x264enc\nno such thing");
  EXPECT_EQ(*reader.read(room.data()), Got::kEnd);
}

TEST(CarrierReader, IsToldEverythingByteByByte) {
  Pipe recorded, pipe;
  const FrameLayout layout = small_layout();
  std::vector<uint8_t> picture(layout.payload_size, 9), room(layout.payload_size);
  ASSERT_TRUE(recorded.writer().format(carrier_format_of(layout)));
  ASSERT_TRUE(recorded.writer().frame({.body_size = layout.payload_size}, picture.data(), picture.size()));
  std::array<char, 4096> bytes;
  const ssize_t size = read(recorded.read(), bytes.data(), bytes.size());
  CarrierReader reader(pipe.read());
  std::vector<Got> seen;
  for (ssize_t i = 0; i < size; ++i) {
    pipe.put(&bytes[static_cast<size_t>(i)], 1);
    const auto got = reader.read(room.data());
    ASSERT_TRUE(got) << got.error().message;
    if (*got != Got::kNothing) seen.push_back(*got);
  }
  EXPECT_EQ(seen, (std::vector{Got::kFormat, Got::kFrame}));
  EXPECT_EQ(room, picture);
}

// A buffer may end inside the padding of its last row.
TEST(CarrierReader, GetsAPictureThatIsTooShortWithZerosBehindIt) {
  Pipe pipe;
  const FrameLayout layout = small_layout();
  std::vector<uint8_t> picture(layout.payload_size, 9), room(layout.payload_size, 1);
  ASSERT_TRUE(pipe.writer().format(carrier_format_of(layout)));
  ASSERT_TRUE(pipe.writer().frame({.body_size = layout.payload_size}, picture.data(), picture.size() - 10));
  CarrierReader reader(pipe.read());
  EXPECT_EQ(*reader.read(room.data()), Got::kFormat);
  EXPECT_EQ(*reader.read(room.data()), Got::kFrame);
  EXPECT_EQ(room[room.size() - 11], 9);
  EXPECT_EQ(room.back(), 0);
}

TEST(CarrierReader, DropsThePictureUnderWayAndGoesOnWithTheNext) {
  Pipe pipe;
  const FrameLayout layout = small_layout();
  std::vector<uint8_t> first(layout.payload_size, 1), second(layout.payload_size, 2),
      room(layout.payload_size);
  CarrierWriter writer = pipe.writer();
  ASSERT_TRUE(writer.format(carrier_format_of(layout)));
  CarrierReader reader(pipe.read());
  EXPECT_EQ(*reader.read(nullptr), Got::kFormat);
  const CarrierHead head{.kind = CarrierKind::kFrame, .body_size = layout.payload_size};
  pipe.put(&head, sizeof head);
  pipe.put(first.data(), 50);
  EXPECT_EQ(*reader.read(room.data()), Got::kNothing);
  EXPECT_TRUE(reader.inside_frame());
  reader.drop_frame();
  EXPECT_FALSE(reader.inside_frame());
  EXPECT_EQ(*reader.read(nullptr), Got::kNothing);
  pipe.put(first.data(), first.size() - 50);
  ASSERT_TRUE(writer.frame({.body_size = layout.payload_size}, second.data(), second.size()));
  EXPECT_EQ(*reader.read(room.data()), Got::kFrame);
  EXPECT_EQ(room, second);
}

TEST(CarrierReader, FollowsAFormatThatChanges) {
  Pipe pipe;
  CarrierWriter writer = pipe.writer();
  CarrierReader reader(pipe.read());
  ASSERT_TRUE(writer.format(carrier_format_of(small_layout(16))));
  ASSERT_TRUE(writer.format(carrier_format_of(small_layout(32))));
  EXPECT_EQ(*reader.read(nullptr), Got::kFormat);
  EXPECT_EQ(reader.layout().width, 16u);
  EXPECT_EQ(*reader.read(nullptr), Got::kFormat);
  EXPECT_EQ(reader.layout().width, 32u);
}

TEST(CarrierReader, KnowsTheEndOfThePipeFromOneInsideAMessage) {
  Pipe clean;
  clean.end();
  EXPECT_EQ(*CarrierReader(clean.read()).read(nullptr), Got::kClosed);

  for (const size_t size :
       {size_t{1}, sizeof(CarrierHead) - 1, sizeof(CarrierHead), sizeof(CarrierHead) + 20}) {
    Pipe pipe;
    const CarrierHead head{.kind = CarrierKind::kFormat, .body_size = sizeof(CarrierFormat)};
    std::array<uint8_t, sizeof head + sizeof(CarrierFormat)> bytes{};
    std::memcpy(bytes.data(), &head, sizeof head);
    pipe.put(bytes.data(), size);
    pipe.end();
    EXPECT_EQ(outcome(CarrierReader(pipe.read()).read(nullptr)), "GST_CARRIER") << size;
  }
}

TEST(CarrierReader, RefusesWhatIsNoCarrier) {
  const auto refused = [](CarrierHead head) {
    Pipe pipe;
    pipe.put(&head, sizeof head);
    std::array<uint8_t, 64> room{};
    return outcome(CarrierReader(pipe.read()).read(room.data()));
  };
  EXPECT_EQ(refused({.magic = 0x12345678}), "GST_CARRIER");
  EXPECT_EQ(refused({.kind = static_cast<CarrierKind>(0)}), "GST_CARRIER");
  EXPECT_EQ(refused({.kind = static_cast<CarrierKind>(99)}), "GST_CARRIER");
  EXPECT_EQ(refused({.kind = CarrierKind::kFormat, .body_size = 1}), "GST_CARRIER");
  EXPECT_EQ(refused({.kind = CarrierKind::kFault, .body_size = kMostCarrierText + 1}), "GST_CARRIER");
  EXPECT_EQ(refused({.kind = CarrierKind::kEnd, .body_size = 1}), "GST_CARRIER");
  // A picture before any format, and so of any size.
  EXPECT_EQ(refused({.kind = CarrierKind::kFrame, .body_size = 64}), "GST_CARRIER");
  EXPECT_EQ(refused({.kind = CarrierKind::kFrame, .body_size = ~uint64_t{0}}), "GST_CARRIER");
}

TEST(CarrierReader, RefusesAPictureOfAnotherSizeThanTheFormatSays) {
  Pipe pipe;
  const FrameLayout layout = small_layout();
  ASSERT_TRUE(pipe.writer().format(carrier_format_of(layout)));
  const CarrierHead head{.kind = CarrierKind::kFrame, .body_size = layout.payload_size + 1};
  pipe.put(&head, sizeof head);
  CarrierReader reader(pipe.read());
  EXPECT_EQ(*reader.read(nullptr), Got::kFormat);
  std::vector<uint8_t> room(layout.payload_size);
  EXPECT_EQ(outcome(reader.read(room.data())), "GST_CARRIER");
}

TEST(CarrierWriter, SaysWhenThereIsNoReaderAnyMore) {
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  CarrierWriter writer{UniqueFd(ends[1])};
  ASSERT_TRUE(writer.end());
  close(ends[0]);
  EXPECT_FALSE(writer.end());
}

TEST(CarrierFormat, HoldsOnlyWhatASlotCanHold) {
  const CarrierFormat good = carrier_format_of(small_layout());
  ASSERT_TRUE(layout_of(good));
  const auto bad = [&](auto change) {
    CarrierFormat format = good;
    change(format);
    return !layout_of(format);
  };
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.fourcc = fourcc('M', 'J', 'P', 'G'); }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.width = 0; }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.width = 100'000; }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.height = 8193; }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.plane_count = 4; }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.plane_count = 1; }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.planes[1].offset = ~uint64_t{0} - 8; }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.planes[1].offset += 1; }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.planes[0].stride = 15; }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.planes[0].stride = ~0u; }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.planes[0].rows = 9; }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.payload_size = 0; }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.payload_size = uint64_t{1} << 40; }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.matrix = 77; }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.range = 3; }));
  EXPECT_TRUE(bad([](CarrierFormat& f) { f.rate_denominator = 0; }));
  EXPECT_FALSE(bad([](CarrierFormat& f) { f.payload_size += 4096; }));
}

}  // namespace
}  // namespace camstream
