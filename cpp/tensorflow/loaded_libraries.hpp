// The shared libraries that are loaded in this process, asked for symbols by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nanotilt::tf {

/// Paths of the loaded shared libraries, in load order; the main program is not among them.
[[nodiscard]] std::vector<std::string> loaded_libraries();

/// The address of `symbol` in the loaded library at `path` or in one of its dependencies, else null. Loads nothing.
[[nodiscard]] void* find_symbol(const std::string& path, const char* symbol) noexcept;

/// The address of `symbol` among the globally visible symbols of the process, else null.
[[nodiscard]] void* find_global_symbol(const char* symbol) noexcept;

}  // namespace nanotilt::tf
