#include "sim/engines/mpi_link.h"

#include <dlfcn.h>

#include <cstring>

#include "core/files.h"
#include "core/text.h"

namespace thaw {
namespace {

constexpr const char* module_name = "libthaw-mpi.so";
constexpr std::size_t length_bytes = sizeof(std::uint64_t);

Result<const ThawMpi*> load_module() {
  const auto file = find_companion(module_name);
  if (!file) {
    return fail_at(ErrorKind::environment, "this installation has no MPI engine", module_name,
                   "install libopenmpi-dev and openmpi-bin and build again, or use --engine local");
  }
  // MPI implementations load parts of their own, which look for the symbols of the library.
  void* library = ::dlopen(file->c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) {
    return fail_at(ErrorKind::environment, fmt::format("the MPI engine cannot be loaded: {}", ::dlerror()),
                   file->string(),
                   "install the MPI library that thaw was built with (openmpi-bin), or use --engine local");
  }
  const auto entry = reinterpret_cast<const ThawMpi* (*)()>(::dlsym(library, "thaw_mpi"));
  const ThawMpi* module = entry != nullptr ? entry() : nullptr;
  if (module == nullptr || module->version != thaw_mpi_version) {
    return fail_at(ErrorKind::environment, "the MPI engine belongs to another version of thaw",
                   file->string(), "install thaw and its libraries together");
  }
  return module;
}

}  // namespace

std::string pack_texts(const std::vector<std::string>& texts) {
  std::string bytes;
  for (const std::string& text : texts) {
    const std::uint64_t length = text.size();
    bytes.append(reinterpret_cast<const char*>(&length), length_bytes);
    bytes += text;
  }
  return bytes;
}

Result<std::vector<std::string>> unpack_texts(std::string_view bytes) {
  std::vector<std::string> texts;
  while (!bytes.empty()) {
    std::uint64_t length = 0;
    if (bytes.size() >= length_bytes) std::memcpy(&length, bytes.data(), length_bytes);
    if (bytes.size() < length_bytes || bytes.size() - length_bytes < length) {
      return fail(ErrorKind::internal, "a message between ranks is malformed");
    }
    texts.emplace_back(bytes.substr(length_bytes, length));
    bytes.remove_prefix(length_bytes + length);
  }
  return texts;
}

Result<MpiLink> MpiLink::open() {
  THAW_TRY(const ThawMpi* module, load_module());
  MpiLink link(module);
  THAW_CHECK(link.check(module->start(&link.rank_, &link.ranks_), "start MPI"));
  return link;
}

Result<> MpiLink::check(int code, std::string_view action) const {
  if (code == 0) return {};
  return fail_at(ErrorKind::environment, fmt::format("cannot {}: {}", action, module_->error()),
                 fmt::format("rank {}", rank_), "start thaw under mpirun -n N; see docs/sweeps.md");
}

Result<> MpiLink::send(int to, MpiMessageKind kind, const std::vector<std::string>& texts) {
  const std::string bytes = pack_texts(texts);
  return check(module_->send(to, static_cast<int>(kind), bytes.data(), bytes.size()), "send to another rank");
}

Result<std::optional<MpiMessage>> MpiLink::receive() {
  int has_message = 0, from = 0, tag = 0;
  std::size_t count = 0;
  THAW_CHECK(check(module_->probe(&has_message, &from, &tag, &count), "hear other ranks"));
  if (has_message == 0) return std::nullopt;
  std::string bytes(count, '\0');
  THAW_CHECK(check(module_->receive(from, tag, bytes.data(), count), "hear another rank"));
  THAW_TRY(auto texts, unpack_texts(bytes));
  return MpiMessage{static_cast<MpiMessageKind>(tag), from, std::move(texts)};
}

Result<bool> MpiLink::is_flushed() {
  int are_sent = 0;
  THAW_CHECK(check(module_->flush(&are_sent), "send to other ranks"));
  return are_sent != 0;
}

Result<> MpiLink::finish() { return check(module_->finish(), "end MPI"); }

std::optional<int> launched_as_rank() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"}) {
    if (const auto text = environment_variable(name)) {
      if (const auto rank = parse_integer(*text)) return static_cast<int>(*rank);
    }
  }
  return std::nullopt;
}

}  // namespace thaw
