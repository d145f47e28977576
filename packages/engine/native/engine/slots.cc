#include "engine/slots.h"

#include <atomic>
#include <string>
#include <utility>

namespace cello {

namespace {

// 256 tables apart in the lower half of the generations, then the same ones again.
uint32_t NextFirstGeneration() {
  static std::atomic<uint32_t> num_tables{0};
  return 1 + (num_tables++ % 256 << 20);
}

}  // namespace

StaleSlot::StaleSlot(double slot)
    : std::runtime_error("slot " + std::to_string(slot) + " names no live tensor") {}

SlotTable::SlotTable() : first_generation_(NextFirstGeneration()) { scopes_.push_back(kMaxIndex); }

SlotTable::~SlotTable() = default;

double SlotTable::Add(at::Tensor tensor) {
  const uint32_t index = Take();
  Entry& entry = At(index);
  entry.tensor = std::move(tensor);
  Link(index, depth());
  ++live_;
  return static_cast<double>((static_cast<uint64_t>(entry.generation) << kIndexBits) | index);
}

void SlotTable::Release(double slot) {
  if (Find(slot) == nullptr) return;
  const auto index = static_cast<uint32_t>(static_cast<uint64_t>(slot) & kMaxIndex);
  Unlink(index);
  Free(index);
}

uint32_t SlotTable::PushScope() {
  scopes_.push_back(kMaxIndex);
  return depth();
}

void SlotTable::PopScope(uint32_t expected_depth, const std::vector<double>& kept) {
  const uint32_t inner = depth();
  if (inner == 0 || inner != expected_depth) {
    throw std::logic_error("scopes must close in the order they opened: expected depth " +
                           std::to_string(inner) + ", got " + std::to_string(expected_depth));
  }
  for (const double slot : kept) {
    const Entry* entry = Find(slot);
    // Made further out, kept before, or released by the caller: nothing to do.
    if (entry == nullptr || entry->scope != inner) continue;
    const auto index = static_cast<uint32_t>(static_cast<uint64_t>(slot) & kMaxIndex);
    Unlink(index);
    Link(index, inner - 1);
  }
  while (scopes_.back() != kMaxIndex) {
    const uint32_t index = scopes_.back();
    Unlink(index);
    Free(index);
  }
  scopes_.pop_back();
}

void SlotTable::Keep(double slot) {
  if (Find(slot) == nullptr) throw StaleSlot(slot);
  Unlink(static_cast<uint32_t>(static_cast<uint64_t>(slot) & kMaxIndex));
}

uint32_t SlotTable::Take() {
  if (free_ != kMaxIndex) {
    const uint32_t index = free_;
    free_ = At(index).next;
    return index;
  }
  if (used_ == kMaxIndex) {
    throw std::runtime_error("16,777,215 tensors are alive: open a scope, or release some");
  }
  if (used_ == chunks_.size() * kChunkSize) {
    chunks_.push_back(std::make_unique<Entry[]>(kChunkSize));
  }
  At(used_).generation = first_generation_;
  return used_++;
}

void SlotTable::Free(uint32_t index) {
  Entry& entry = At(index);
  const at::Tensor dying = std::move(entry.tensor);  // dies last: its destructor may come back here
  --live_;
  if (entry.generation == kMaxGeneration) return;  // a slot that is worn out is not used again
  ++entry.generation;
  entry.next = free_;
  free_ = index;
}

void SlotTable::Link(uint32_t index, uint32_t scope) {
  Entry& entry = At(index);
  entry.scope = scope;
  entry.previous = kMaxIndex;
  entry.next = kMaxIndex;
  if (scope == 0) return;
  uint32_t& head = scopes_[scope];
  entry.next = head;
  if (head != kMaxIndex) At(head).previous = index;
  head = index;
}

void SlotTable::Unlink(uint32_t index) {
  Entry& entry = At(index);
  if (entry.scope == 0) return;
  if (entry.previous == kMaxIndex) {
    scopes_[entry.scope] = entry.next;
  } else {
    At(entry.previous).next = entry.next;
  }
  if (entry.next != kMaxIndex) At(entry.next).previous = entry.previous;
  entry.scope = 0;
}

}  // namespace cello
