/* What the two programs in the guest have in common. */
#ifndef CRASHTEST_COMMON_H
#define CRASHTEST_COMMON_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512 };

/* A mark is one sector behind the file system's end: it takes its place in the log among the writes, and no file
   system sees it. Its kind, and the number of a commit:
   B   a commit begins
   N   one that gives the current file another name
   D   one that removes other overlays
   A   the commit is acknowledged
   C   size and hash of the file that it left; after the other, since to look at it can need a mount
   O   what follows is not to be judged: another box's overlay is put there
   F   it stands there; with its size and hash
   W   the commit is to be confirmed; size and hash of the file that says so, after C */
#define MARK_FORMAT "lbud-crashtest %c %u %llu %llx\n"

/* FNV-1a (draft-eastlake-fnv). Contents are told apart here, nobody forges them: 64 bits are plenty. */
static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t count)
{
    const uint8_t *next = bytes;
    for (size_t index = 0; index < count; index++)
        hash = (hash ^ next[index]) * 0x100000001b3u;
    return hash;
}
#define HASH_START 0xcbf29ce484222325u

/* xorshift64* (Vigna 2016): the same numbers for the same seed on every libc. */
static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1du;
}

/* Of neighbouring seeds, unlike numbers. */
static inline uint64_t random_start(uint64_t seed)
{
    return hash_bytes(HASH_START, &seed, sizeof seed) | 1;
}

_Noreturn static inline void die(const char *what)
{
    perror(what);
    exit(2);
}

#endif
