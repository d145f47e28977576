// Random generators: made, seeded, read and restored.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Functions.h>

#include <cstring>

#include "door/exports.h"
#include "door/values.h"
#include "engine/cuda.h"

namespace cello::door {
namespace {

at::Generator NewGenerator(c10::Device device) {
  if (device.is_cpu()) return at::make_generator<at::CPUGeneratorImpl>();
  return at::globalContext()
      .getAcceleratorHooksInterface(device.type())
      .getNewGenerator(device.index());
}

at::Generator The(Call& call) {
  const std::optional<at::Generator> generator = call.Generator(0);
  if (!generator) throw ArgumentError("expected a generator");
  return *generator;
}

// makeGenerator(seed, device)
napi_value MakeGenerator(Call& call) {
  at::Generator generator = NewGenerator(call.Device(1));
  generator.set_current_seed(static_cast<uint64_t>(call.Int(0)));
  return MakeOpaque(call.engine, c10::IValue(generator));
}

// defaultGenerator(device)
napi_value DefaultGenerator(Call& call) {
  return MakeOpaque(call.engine, c10::IValue(at::globalContext().defaultGenerator(call.Device(0))));
}

// seedGenerator(generator, seed)
napi_value SeedGenerator(Call& call) {
  at::Generator generator = The(call);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_current_seed(static_cast<uint64_t>(call.Int(1)));
  return call.Undefined();
}

napi_value GeneratorSeed(Call& call) {
  at::Generator generator = The(call);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return call.FromInt(static_cast<int64_t>(generator.current_seed()));
}

// generatorState(generator): a uint8 tensor.
napi_value GeneratorState(Call& call) {
  at::Generator generator = The(call);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return call.From(generator.get_state());
}

// setGeneratorState(generator, state)
napi_value SetGeneratorState(Call& call) {
  at::Generator generator = The(call);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_state(call.Tensor(1));
  return call.Undefined();
}

// manualSeed(seed): of every device's default generator.
napi_value ManualSeed(Call& call) {
  const auto seed = static_cast<uint64_t>(call.Int(0));
  at::manual_seed(seed);
  SeedCuda(seed);
  return call.Undefined();
}

}  // namespace

std::span<const Export> RandomExports() {
  static constexpr Export kExports[] = {
      {"defaultGenerator", DefaultGenerator},
      {"generatorSeed", GeneratorSeed},
      {"generatorState", GeneratorState},
      {"makeGenerator", MakeGenerator},
      {"manualSeed", ManualSeed},
      {"seedGenerator", SeedGenerator},
      {"setGeneratorState", SetGeneratorState},
  };
  return kExports;
}

}  // namespace cello::door
