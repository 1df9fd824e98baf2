#include "core/shared_library.h"

#include <dlfcn.h>

namespace thaw {
namespace {

std::string last_words() {
  const char* words = dlerror();
  return words != nullptr ? words : "no reason given";
}

}  // namespace

Result<SharedLibrary> SharedLibrary::open(const Path& path) {
  // A name without a slash would be looked for in the system's folders.
  const Path place = path.has_parent_path() ? path : Path(".") / path;
  void* handle = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return fail_at(ErrorKind::environment, fmt::format("cannot load the library: {}", last_words()),
                   path.string());
  }
  return SharedLibrary(path, handle);
}

Result<void*> SharedLibrary::symbol(const std::string& name) const {
  void* address = dlsym(handle_, name.c_str());
  if (address == nullptr) {
    return fail_at(ErrorKind::bad_input, fmt::format("the library does not export {}", name), path_.string());
  }
  return address;
}

}  // namespace thaw
