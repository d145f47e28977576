// How much memory the machine, and the control groups that the process is in, could still give.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace cello {

// The text of a file by its absolute path; empty when it cannot be read.
using FileText = std::function<std::string(const std::string& path)>;

// What could still be taken without swapping: what the kernel estimates for the machine, or the
// room that the tightest control group above the process has left (SLURM and containers set
// limits there), whichever is less. SIZE_MAX where no file says anything.
size_t AvailableBytes(const FileText& text);

// The same, of the files of this machine.
size_t AvailableBytes();

// Reads files, from below `root` as if it were the root folder.
FileText FilesBelow(const std::string& root);

}  // namespace cello
