// The loops that need vectors: the inside of JSON strings, and media in them. Swift's SIMD types have no way from a
// comparison to a word of bits.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Moves from `position`, which is inside a JSON string and at the beginning of a character, over valid text.
///
/// Stops at the closing quote; at a backslash that begins `\u` or no escape at all; at or somewhere before a control
/// character or invalid UTF-8; and where fewer than 64 bytes are left. Reads nothing at or behind `count`. Sets
/// `*escaped` when it has passed an escape.
size_t text_scan_string(const uint8_t *bytes, size_t position, size_t count, bool *escaped);

/// How many bytes from the front are letters of base64, without the padding.
size_t text_scan_base64(const uint8_t *bytes, size_t count);
