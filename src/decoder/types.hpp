// The binary grammar of types ("Binary Format / Types").
// Types of features that are switched off are refused here. Whether indices
// exist and limits make sense is the validator's business.
#pragma once

#include "core/module.hpp"
#include "decoder/reader.hpp"
#include "waxwing/features.hpp"

namespace waxwing {

Result<ValType> decode_val_type(Reader& in, Features features);
Result<HeapType> decode_heap_type(Reader& in, Features features);
Result<ValType> decode_ref_type(Reader& in, Features features);
Result<MemoryType> decode_memory_type(Reader& in, Features features);
Result<TableType> decode_table_type(Reader& in, Features features);
Result<GlobalType> decode_global_type(Reader& in, Features features);
Result<u32> decode_tag_type(Reader& in);  // the type index
Result<core::SubType> decode_sub_type(Reader& in, Features features);

// An error at `at` unless `feature` is on; `what` is the thing that needs it.
Result<void> require(Features features, Feature feature, const char* what, u32 at);

std::string hex_byte(u32 byte);  // "0f"

}  // namespace waxwing
