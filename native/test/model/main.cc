// models list                                 every sync point and model, as JSON
// models run MODEL [--weaken POINT] [--break N] [--executions N] [--history]
//
// Exit code of `run`: 0 the model held and every outcome was seen, 1 it failed, 2 wrong usage.
#include <cstring>
#include <iostream>

#include "model/model.h"

namespace camstream {

std::vector<Model>& models() {
  static std::vector<Model> all;
  return all;
}

namespace {

struct SyncPoint {
  Sync point;
  const char* name;
  const char* code;
};
constexpr SyncPoint kSyncPoints[] = {
#define CAMSTREAM_SYNC_POINT(name, code) {Sync::name, #name, code},
    CAMSTREAM_SYNC_POINTS(CAMSTREAM_SYNC_POINT)
#undef CAMSTREAM_SYNC_POINT
};

void list() {
  std::cout << "{\"points\":[";
  const char* comma = "";
  for (const SyncPoint& point : kSyncPoints) {
    std::cout << comma << "{\"name\":\"" << point.name << "\",\"code\":\"" << point.code << "\"}";
    comma = ",";
  }
  std::cout << "],\"models\":[";
  comma = "";
  for (const Model& model : models()) {
    std::cout << comma << "{\"name\":\"" << model.name << "\",\"shows\":\"" << model.shows << "\",";
    std::cout << "\"breaks\":[";
    const char* inner = "";
    for (const char* what : model.breaks) {
      std::cout << inner << '"' << what << '"';
      inner = ",";
    }
    std::cout << "]}";
    comma = ",";
  }
  std::cout << "]}\n";
}

bool choose_mutant(const char* name) {
  for (const SyncPoint& point : kSyncPoints) {
    if (std::strcmp(point.name, name) == 0) sync_mutant = point.point;
  }
  return sync_mutant != Sync::kNone;
}

int run(const Model& model, ModelRun options, bool whole) {
  const ModelResult result = model.run(options);
  if (!result.held) {
    std::cout << "failed in execution " << result.executions << ": " << result.failure << "\n";
    return 1;
  }
  std::cout << "held in " << result.executions << " executions";
  if (result.searched > 0) std::cout << " (" << result.searched << " of the search)";
  bool all_seen = true;
  const char* separator = ": ";
  for (const Outcome* outcome : model.outcomes) {
    std::cout << separator << outcome->what << " " << outcome->seen;
    separator = ", ";
    all_seen = all_seen && outcome->seen > 0;
  }
  std::cout << "\n";
  if (whole && !all_seen) std::cout << "an outcome was never seen: the model shows less than it says\n";
  return whole && !all_seen ? 1 : 0;
}

int main_of(int count, char** arguments) {
  if (count == 2 && std::strcmp(arguments[1], "list") == 0) {
    list();
    return 0;
  }
  const Model* model = nullptr;
  for (const Model& candidate : models()) {
    if (count > 2 && std::strcmp(arguments[2], candidate.name) == 0) model = &candidate;
  }
  if (model == nullptr || std::strcmp(arguments[1], "run") != 0) return 2;
  ModelRun options;
  options.executions = model->executions;
  for (int index = 3; index < count; ++index) {
    const std::string name = arguments[index];
    if (name == "--history") {
      options.history = true;
      continue;
    }
    if (++index == count) return 2;
    if (name == "--weaken") {
      if (!choose_mutant(arguments[index])) return 2;
    } else if (name == "--break") {
      broken = static_cast<unsigned>(std::stoul(arguments[index]));
      if (broken == 0 || broken > model->breaks.size()) return 2;
    } else if (name == "--executions") {
      options.executions = std::stoull(arguments[index]);
    } else {
      return 2;
    }
  }
  return run(*model, options, broken == 0 && sync_mutant == Sync::kNone);
}

}  // namespace
}  // namespace camstream

int main(int count, char** arguments) {
  const int code = camstream::main_of(count, arguments);
  if (code == 2) {
    std::cerr << "usage: models list | run MODEL [--weaken POINT] [--break N] [--executions N] [--history]\n";
  }
  // Relacy leaves fibers of a failed execution behind; nothing of them is to be torn down.
  std::cout.flush();
  std::_Exit(code);
}
