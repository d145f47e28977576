// The table that owns every tensor JavaScript can name.
//
// A slot is an index (24 bits) and a generation (29 bits) in one double, so that JavaScript holds a
// plain number. Releasing a slot raises its generation: an old number then names nothing, and is
// refused. No generation is 0, so that no small number is a slot. One table per JavaScript thread;
// it is not locked. Each begins with other generations, so that a slot of another thread is refused
// too.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

namespace cello {

// A slot that names no tensor: released, of another thread, or never made.
class StaleSlot : public std::runtime_error {
 public:
  explicit StaleSlot(double slot);
};

class SlotTable {
 public:
  SlotTable();
  ~SlotTable();
  SlotTable(const SlotTable&) = delete;
  SlotTable& operator=(const SlotTable&) = delete;

  // Takes a defined tensor into the innermost open scope.
  double Add(at::Tensor tensor);

  // The reference stays good until the slot is released: entries never move.
  at::Tensor& Get(double slot) const {
    Entry* entry = Find(slot);
    if (entry == nullptr) throw StaleSlot(slot);
    return entry->tensor;
  }

  bool Has(double slot) const { return Find(slot) != nullptr; }

  // Forgets the tensor. A stale slot is left alone: releasing twice is allowed.
  void Release(double slot);

  // Opens a scope and returns its depth, from 1.
  uint32_t PushScope();

  // Closes the innermost scope, which must be `depth`; releases what was made in it, except `kept`,
  // which moves to the scope outside.
  void PopScope(uint32_t depth, const std::vector<double>& kept);

  // Takes a slot out of all scopes.
  void Keep(double slot);

  size_t live() const { return live_; }
  uint32_t depth() const { return static_cast<uint32_t>(scopes_.size()) - 1; }

 private:
  static constexpr uint32_t kIndexBits = 24;
  static constexpr uint32_t kChunkBits = 12;
  static constexpr uint32_t kChunkSize = 1U << kChunkBits;
  static constexpr uint32_t kMaxIndex = (1U << kIndexBits) - 1;  // also "none"
  static constexpr uint32_t kMaxGeneration = (1U << 29) - 1;

  struct Entry {
    at::Tensor tensor;
    uint32_t generation = 0;
    uint32_t previous = kMaxIndex;  // in the scope's list
    uint32_t next = kMaxIndex;      // in the scope's list, or in the list of free entries
    uint32_t scope = 0;             // depth of the scope, 0 for none
  };

  Entry& At(uint32_t index) const { return chunks_[index >> kChunkBits][index & (kChunkSize - 1)]; }

  Entry* Find(double slot) const {
    // Also refuses NaN. 2^53 and above would not be one integer.
    if (!(slot >= 0 && slot < 9007199254740992.0)) return nullptr;
    const auto bits = static_cast<uint64_t>(slot);
    const auto index = static_cast<uint32_t>(bits & kMaxIndex);
    if (index >= used_ || static_cast<double>(bits) != slot) return nullptr;
    Entry& entry = At(index);
    if (entry.generation != bits >> kIndexBits || !entry.tensor.defined()) return nullptr;
    return &entry;
  }

  uint32_t Take();
  void Free(uint32_t index);
  void Link(uint32_t index, uint32_t scope);
  void Unlink(uint32_t index);

  std::vector<std::unique_ptr<Entry[]>> chunks_;
  std::vector<uint32_t> scopes_;  // first entry of each open scope's list; [0] is never used
  const uint32_t first_generation_;
  uint32_t used_ = 0;          // entries ever taken
  uint32_t free_ = kMaxIndex;  // first free entry
  size_t live_ = 0;
};

}  // namespace cello
