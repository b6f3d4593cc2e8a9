#include "gstreamer/pipeline.h"

namespace camstream {
namespace {

using gst::api;

constexpr uint64_t kListenNs = 100'000'000;  // between two looks at whether we are wanted
constexpr unsigned kMostWarnings = 10;
constexpr size_t kMostDetail = 300;

// "WORDS (DETAIL)": GStreamer's message, and behind it what it says to developers.
std::string words_of(gst::Error* error, char* debug) {
  std::string words = error ? error->message : "no reason given";
  if (debug) {
    const std::string detail = debug;
    const size_t end_of_place = detail.find('\n');  // "gstfoo.c(12): function (): /path/of/element:\nDETAIL"
    if (end_of_place != std::string::npos) words += " (" + detail.substr(end_of_place + 1, kMostDetail) + ")";
  }
  if (error) api().g_error_free(error);
  api().g_free(debug);
  return words;
}

std::string missing_elements(gst::ParseContext* context) {
  std::string list;
  char** names = api().gst_parse_context_get_missing_elements(context);
  for (char** name = names; name && *name; ++name) list += (list.empty() ? "" : ",") + std::string(*name);
  api().g_strfreev(names);
  return list;
}

bool contains(const char* text, const char* part) {
  return text && std::string(text).find(part) != std::string::npos;
}

}  // namespace

bool Pipeline::play(const std::string& text) {
  if (!build(text)) return false;
  // Clocks of sound cards and networks run at other rates; pictures are timed by this machine's.
  gst::Object* clock = api().gst_system_clock_obtain();
  api().gst_pipeline_use_clock(pipeline_, clock);
  api().gst_object_unref(clock);
  sink_ = api().gst_bin_get_by_name(pipeline_, "camstream-sink");
  const auto callback = reinterpret_cast<void (*)()>(static_cast<gst::HandOff>(FrameSender::hand_off));
  api().g_signal_connect_data(sink_, "handoff", callback, &sender_, nullptr, 0);
  api().gst_util_set_object_arg(sink_, "signal-handoffs", "true");
  const bool well = run();
  api().gst_element_set_state(pipeline_, gst::kStateNull);
  api().gst_object_unref(sink_);
  api().gst_object_unref(pipeline_);
  return well;
}

bool Pipeline::build(const std::string& text) {
  gst::ParseContext* context = api().gst_parse_context_new();
  gst::Error* error = nullptr;
  pipeline_ = api().gst_parse_launch_full(text.c_str(), context, gst::kParseFatalErrors, &error);
  if (error) report_parse_error(error, context);
  api().gst_parse_context_free(context);
  return error == nullptr;
}

void Pipeline::report_parse_error(gst::Error* error, gst::ParseContext* context) {
  GstFault fault = GstFault::kSyntax;
  std::string subject;
  if (error->domain == api().gst_parse_error_quark()) {
    if (error->code == gst::kParseNoElement) fault = GstFault::kNoElement;
    if (error->code == gst::kParseLink || error->code == gst::kParseDelayedLink) fault = GstFault::kNotLinked;
  }
  if (fault == GstFault::kNoElement) subject = missing_elements(context);
  writer_.fault(fault, subject, error->message);
}

bool Pipeline::run() {
  gst::Object* bus = api().gst_element_get_bus(pipeline_);
  int change = api().gst_element_set_state(pipeline_, gst::kStatePaused);
  Heard heard = Heard::kNothing;
  while (!stopping_ && !sender_.over()) {
    if (!playing_) settle(change);
    heard = listen(bus);
    if (heard == Heard::kEnd || heard == Heard::kFailure) break;
    if (change == gst::kChangeFailed && heard == Heard::kNothing) {  // nobody said why
      writer_.fault(GstFault::kFailed, "", "the pipeline cannot be started");
      heard = Heard::kFailure;
      break;
    }
    if (!playing_ && change != gst::kChangeFailed)
      change = api().gst_element_get_state(pipeline_, nullptr, nullptr, 0);
  }
  api().gst_object_unref(bus);
  if (heard == Heard::kEnd) writer_.end();
  return heard != Heard::kFailure;
}

// Once it is known what kind of source this is. One that follows the clock by itself gives each picture as
// soon as it has it, and drops the oldest for those who are slow; any other waits here for each picture's
// time.
void Pipeline::settle(int change) {
  if (change != gst::kChangeDone && change != gst::kChangeLive) return;
  if (change == gst::kChangeLive) {
    gst::Object* queue = api().gst_bin_get_by_name(pipeline_, "camstream-queue");
    api().gst_util_set_object_arg(queue, "leaky", "downstream");
    api().gst_object_unref(queue);
  }
  api().gst_util_set_object_arg(sink_, "sync", change == gst::kChangeLive ? "false" : "true");
  playing_ = true;
  api().gst_element_set_state(pipeline_, gst::kStatePlaying);
}

Pipeline::Heard Pipeline::listen(gst::Object* bus) {
  const int wanted = gst::kMessageEnd | gst::kMessageError | gst::kMessageWarning | gst::kMessageElement |
                     gst::kMessageLatency;
  gst::Message* message =
      api().gst_bus_timed_pop_filtered(bus, playing_ ? kListenNs : kListenNs / 10, wanted);
  if (message == nullptr) return Heard::kNothing;
  Heard heard = Heard::kOther;
  switch (message->type) {
    case gst::kMessageEnd: heard = Heard::kEnd; break;
    case gst::kMessageError:
      report_error(message);
      heard = Heard::kFailure;
      break;
    case gst::kMessageWarning: pass_on_warning(message); break;
    case gst::kMessageElement: remember_missing(message); break;
    case gst::kMessageLatency: api().gst_bin_recalculate_latency(pipeline_); break;
    default: break;
  }
  api().gst_mini_object_unref(message);
  return heard;
}

void Pipeline::report_error(gst::Message* message) {
  gst::Error* error = nullptr;
  char* debug = nullptr;
  api().gst_message_parse_error(message, &error, &debug);
  const bool refused = contains(debug, "not-negotiated");
  const std::string words = words_of(error, debug);
  if (!missing_.empty()) {
    writer_.fault(GstFault::kNoElement, missing_, words);
  } else {
    writer_.fault(refused ? GstFault::kNotNegotiated : GstFault::kFailed, "", words);
  }
}

void Pipeline::pass_on_warning(gst::Message* message) {
  gst::Error* error = nullptr;
  char* debug = nullptr;
  api().gst_message_parse_warning(message, &error, &debug);
  const std::string words = words_of(error, debug);
  if (warnings_++ < kMostWarnings) writer_.notice(words);
}

// gst-plugins-base: a message `missing-plugin` with what it is of, and what it is called.
void Pipeline::remember_missing(gst::Message* message) {
  const gst::Structure* structure = api().gst_message_get_structure(message);
  if (structure == nullptr || std::string(api().gst_structure_get_name(structure)) != "missing-plugin")
    return;
  const char* type = api().gst_structure_get_string(structure, "type");
  const char* detail = api().gst_structure_get_string(structure, "detail");
  const char* name = api().gst_structure_get_string(structure, "name");
  const bool element = type && std::string(type) == "element";
  const char* missing = element && detail ? detail : name;
  if (missing) missing_ = missing;
}

}  // namespace camstream
