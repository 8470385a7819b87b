#include "CTextScan.h"

#include <string.h>

// Vectors of clang, which every Swift toolchain has: SSE2, AVX2 or NEON come out of them.
typedef uint8_t block __attribute__((ext_vector_type(64)));
typedef bool lanes __attribute__((ext_vector_type(64)));

// One bit for each byte of a comparison's result, the first byte lowest.
#define BITS(comparison) __builtin_bit_cast(uint64_t, __builtin_convertvector((comparison), lanes))
#define INLINE static inline __attribute__((always_inline))

INLINE uint64_t below(unsigned index) { return index < 64 ? ((uint64_t)1 << index) - 1 : ~(uint64_t)0; }

INLINE unsigned lowest(uint64_t bits) { return bits ? (unsigned)__builtin_ctzll(bits) : 64; }

// The bytes behind a backslash that is not escaped itself. Runs of backslashes are told apart by where a subtraction
// carries to, as in simdjson (Langdale, Lemire: Parsing gigabytes of JSON per second, section 3.1.1).
INLINE uint64_t escapedBytes(uint64_t backslash) {
    const uint64_t odd = 0xAAAAAAAAAAAAAAAA;
    uint64_t codes = (((backslash << 1) | odd) - backslash) ^ odd;
    return codes ^ backslash;
}

// The bytes that make the UTF-8 sequences of a block wrong, as far as they begin in it; `*cut` are the leads whose
// sequence ends outside.
INLINE uint64_t wrongSequences(const uint8_t *bytes, uint64_t high, uint64_t *cut) {
    block text;
    memcpy(&text, bytes, 64);
    uint64_t lead = BITS(text >= 0xC0);
    uint64_t lead3 = BITS(text >= 0xE0);
    uint64_t continuation = high & ~lead;
    uint64_t expected = lead << 1 | lead3 << 2;
    *cut = (lead & (uint64_t)1 << 63) | (lead3 & (uint64_t)3 << 62);
    // Leads that ask for more than the right number of bytes behind them; most of Chinese has none.
    uint64_t special = BITS((text >= 0xF0) | (text == 0xE0) | (text == 0xED) | (text == 0xC0) | (text == 0xC1));
    if (special == 0) return expected ^ continuation;
    uint64_t lead4 = BITS(text >= 0xF0);
    *cut |= lead4 & (uint64_t)7 << 61;
    // Overlong forms, surrogates, and what lies beyond Unicode.
    uint64_t from90 = BITS(text >= 0x90), fromA0 = BITS(text >= 0xA0);
    uint64_t wrong = (expected | lead4 << 3) ^ continuation;
    wrong |= BITS((text == 0xC0) | (text == 0xC1) | (text >= 0xF5));
    wrong |= BITS(text == 0xE0) << 1 & ~fromA0;
    wrong |= BITS(text == 0xED) << 1 & fromA0;
    wrong |= BITS(text == 0xF0) << 1 & ~from90;
    wrong |= BITS(text == 0xF4) << 1 & from90;
    return wrong;
}

INLINE size_t scan(const uint8_t *bytes, size_t position, size_t count, bool *escaped) {
    while (count - position >= 64) {
        block text;
        memcpy(&text, bytes + position, 64);
        uint64_t quote = BITS(text == '"');
        uint64_t backslash = BITS(text == '\\');
        uint64_t control = BITS(text < 0x20);
        uint64_t high = BITS(text >= 0x80);
        if ((quote | backslash | control | high) == 0) {
            position += 64;
            continue;
        }

        // How far this block can be taken.
        unsigned limit = 64;
        if (backslash) {
            uint64_t escapees = escapedBytes(backslash);
            uint64_t known = BITS(
                (text == 'n') | (text == '"') | (text == '\\') | (text == 't') | (text == 'r') | (text == '/')
                | (text == 'b') | (text == 'f')
            );
            quote &= ~escapees;
            uint64_t unknown = escapees & ~known;
            if (unknown) limit = lowest(unknown) - 1;
            // An escape that is cut by the end of the block belongs to the next.
            else if ((backslash & ~escapees) >> 63) limit = 63;
        }
        if (lowest(quote) < limit) limit = lowest(quote);
        if (high & below(limit)) {
            uint64_t cut, wrong = wrongSequences(bytes + position, high, &cut);
            if (lowest(cut) < limit) limit = lowest(cut);
            // A sequence cut short by what stands at the limit shows there.
            if (wrong & below(limit + 1)) return position;
        }
        if (control & below(limit)) return position;
        if (backslash & below(limit)) *escaped = true;
        position += limit;
        // Blocks that were cut end at 61 at the earliest; what stops here for good stops at once next time.
        if (limit < 61) return position;
    }
    return position;
}

// The letters of base64; the sign in front of the digits is one of them.
INLINE size_t letters(const uint8_t *bytes, size_t count) {
    size_t position = 0;
    while (count - position >= 64) {
        block text;
        memcpy(&text, bytes + position, 64);
        uint64_t known = BITS((((text | 0x20) - 'a') < 26) | ((text - '/') < 11) | (text == '+'));
        if (~known) return position + lowest(~known);
        position += 64;
    }
    for (; position < count; position++) {
        uint8_t byte = bytes[position];
        if ((uint8_t)((byte | 0x20) - 'a') >= 26 && (uint8_t)(byte - '/') >= 11 && byte != '+') break;
    }
    return position;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static size_t lettersWide(const uint8_t *bytes, size_t count) {
    return letters(bytes, count);
}

size_t text_scan_base64(const uint8_t *bytes, size_t count) {
    if (__builtin_cpu_supports("avx2")) return lettersWide(bytes, count);
    return letters(bytes, count);
}

__attribute__((target("avx2"))) static size_t scanWide(const uint8_t *bytes, size_t position, size_t count, bool *escaped) {
    return scan(bytes, position, count, escaped);
}

size_t text_scan_string(const uint8_t *bytes, size_t position, size_t count, bool *escaped) {
    if (__builtin_cpu_supports("avx2")) return scanWide(bytes, position, count, escaped);
    return scan(bytes, position, count, escaped);
}
#else
size_t text_scan_base64(const uint8_t *bytes, size_t count) { return letters(bytes, count); }

size_t text_scan_string(const uint8_t *bytes, size_t position, size_t count, bool *escaped) {
    return scan(bytes, position, count, escaped);
}
#endif
