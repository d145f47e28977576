#include "engine/available-memory.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

namespace cello {
namespace {

// How the two versions of control groups call what is read here. Both count the page cache as used;
// its inactive part is the first that the kernel takes back, so it counts as free, as for
// MemAvailable. Version 1 has "max" as a number beyond any memory.
struct Version {
  const char* limit;
  const char* usage;
  const char* inactive_cache;  // with what the groups below hold
};
constexpr Version kVersion1 = {"memory.limit_in_bytes", "memory.usage_in_bytes",
                               "total_inactive_file"};
constexpr Version kVersion2 = {"memory.max", "memory.current", "inactive_file"};

// A mounted hierarchy of control groups.
struct Hierarchy {
  Version version;
  std::string root;  // the group that is at `folder`: "/", or a container's own
  std::string folder;
};

std::optional<uint64_t> Number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

// The number after `name` at the beginning of a line.
std::optional<uint64_t> NumberOf(const std::string& text, std::string_view name) {
  std::istringstream words(text);
  std::string line;
  while (std::getline(words, line)) {
    std::istringstream parts(line);
    std::string first, second;
    if (parts >> first >> second && first == name) return Number(second);
  }
  return std::nullopt;
}

bool HasPart(const std::string& list, std::string_view part) {
  std::istringstream parts(list);
  std::string each;
  while (std::getline(parts, each, ',')) {
    if (each == part) return true;
  }
  return false;
}

// From /proc/self/mountinfo, whose lines are
//   36 35 98:0 /root /folder rw,noatime [tag ...] - type device options
std::vector<Hierarchy> MemoryHierarchies(const std::string& mounts) {
  std::vector<Hierarchy> found;
  std::istringstream lines(mounts);
  std::string line;
  while (std::getline(lines, line)) {
    const size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    std::istringstream before(line.substr(0, dash));
    std::istringstream after(line.substr(dash + 3));
    std::string skipped, root, folder, type, device, options;
    before >> skipped >> skipped >> skipped >> root >> folder;
    after >> type >> device >> options;
    if (type == "cgroup2") found.push_back({kVersion2, root, folder});
    if (type == "cgroup" && HasPart(options, "memory")) found.push_back({kVersion1, root, folder});
  }
  return found;
}

// The process's group in a hierarchy, from /proc/self/cgroup: "4:cpu,memory:/group" in version 1,
// "0::/group" in version 2.
std::optional<std::string> GroupOf(const std::string& groups, const Version& version) {
  std::istringstream lines(groups);
  std::string line;
  while (std::getline(lines, line)) {
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool is_it = version.limit == kVersion2.limit ? line.substr(0, first) == "0"
                                                        : HasPart(controllers, "memory");
    if (is_it) return line.substr(second + 1);
  }
  return std::nullopt;
}

// What is left below the limit of one group; none where there is no limit.
std::optional<size_t> Room(const FileText& text, const Version& version,
                           const std::string& folder) {
  const auto limit = Number(text(folder + "/" + version.limit));
  const auto usage = Number(text(folder + "/" + version.usage));
  if (!limit.has_value() || !usage.has_value()) return std::nullopt;
  const uint64_t cache =
      NumberOf(text(folder + "/memory.stat"), version.inactive_cache).value_or(0);
  const uint64_t held = *usage - std::min(*usage, cache);
  return *limit - std::min(*limit, held);
}

// The least that is left in the process's group, and in those above it.
size_t Room(const FileText& text, const Hierarchy& hierarchy, std::string group) {
  // In a container the group may be named as the host sees it, or be outside of what is mounted.
  const std::string root = hierarchy.root == "/" ? "" : hierarchy.root;
  const bool is_below = group.starts_with(root) &&
                        (group.size() == root.size() || group[root.size()] == '/') &&
                        group.find("/..") == std::string::npos;
  group = is_below ? group.substr(root.size()) : "";
  if (group == "/") group = "";
  size_t least = SIZE_MAX;
  while (true) {
    least =
        std::min(least, Room(text, hierarchy.version, hierarchy.folder + group).value_or(SIZE_MAX));
    if (group.empty()) return least;
    group.resize(group.rfind('/'));
  }
}

}  // namespace

size_t AvailableBytes(const FileText& text) {
  const auto machine_kib = NumberOf(text("/proc/meminfo"), "MemAvailable:");
  size_t least = machine_kib.has_value() ? *machine_kib * 1024 : SIZE_MAX;
  const std::string groups = text("/proc/self/cgroup");
  for (const Hierarchy& hierarchy : MemoryHierarchies(text("/proc/self/mountinfo"))) {
    const auto group = GroupOf(groups, hierarchy.version);
    if (group.has_value()) least = std::min(least, Room(text, hierarchy, *group));
  }
  return least;
}

size_t AvailableBytes() { return AvailableBytes(FilesBelow("")); }

FileText FilesBelow(const std::string& root) {
  return [root](const std::string& path) {
    std::ifstream file(root + path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
}

}  // namespace cello
