#pragma once
// Code that is loaded while the program runs.

#include <string>

#include "core/error.h"
#include "core/files.h"

namespace thaw {

/// A loaded shared library. It stays loaded until the program ends: what it gave out may still be in use.
class SharedLibrary {
 public:
  /// Errors: environment (no such file, not a library for this machine, a symbol that it needs is missing).
  static Result<SharedLibrary> open(const Path& path);

  /// The address of an exported symbol. Errors: bad_input.
  [[nodiscard]] Result<void*> symbol(const std::string& name) const;

 private:
  SharedLibrary(Path path, void* handle) : path_(std::move(path)), handle_(handle) {}
  Path path_;
  void* handle_;
};

}  // namespace thaw
