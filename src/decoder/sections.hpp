// One function per section: each reads the contents of its section into the
// module. That all of the contents are used is checked by the caller.
#pragma once

#include <algorithm>
#include <vector>

#include "core/module.hpp"
#include "decoder/reader.hpp"

namespace waxwing {

Result<void> decode_types(Reader& in, core::Module& module);
Result<void> decode_imports(Reader& in, core::Module& module);
Result<void> decode_functions(Reader& in, core::Module& module);
Result<void> decode_tables(Reader& in, core::Module& module);
Result<void> decode_memories(Reader& in, core::Module& module);
Result<void> decode_tags(Reader& in, core::Module& module);
Result<void> decode_globals(Reader& in, core::Module& module);
Result<void> decode_exports(Reader& in, core::Module& module);
Result<void> decode_start(Reader& in, core::Module& module);
Result<void> decode_elements(Reader& in, core::Module& module);
Result<void> decode_data_count(Reader& in, core::Module& module);
Result<void> decode_code(Reader& in, core::Module& module);
Result<void> decode_data(Reader& in, core::Module& module);

// Room for `count` more elements, of which each takes `least` bytes of input at least:
// a count in the file never sizes an allocation by itself.
template <class T>
void reserve(std::vector<T>& list, u32 count, const Reader& in, u32 least) {
    const usize wanted = list.size() + std::min(count, in.remaining() / least);
    if (wanted > list.capacity()) list.reserve(std::max(wanted, list.capacity() / 2 * 3));
}

// The count of a vector that adds to `present` elements, `limit` in all.
Result<u32> decode_count(Reader& in, usize present, u32 limit, const char* what);
// expr ::= instr* 0x0B, in an initializer
Result<core::Expr> decode_const_expr(Reader& in, const core::Module& module);

}  // namespace waxwing
