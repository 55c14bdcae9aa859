/* In the guest that judges: rebuilds a disk as a power cut could have left it, has the kernel mount it, and looks at
   every file that a box could boot with.

   judge NAME BASE LOG SECTORS TYPE GRAIN SEED SAMPLES RESTARTS

   BASE is the disk before the first write, LOG what qemu's blklogwrites wrote down (the format of Linux'
   dm-log-writes, Documentation/admin-guide/device-mapper/log-writes.rst), SECTORS where the file system ends, TYPE what
   mount(2) takes, GRAIN how many sectors the file system takes for one block. States are made on /dev/ram0.

   P: the disk after every block, in the order of the writes. On FAT a block is a sector of 512 bytes.
   R: a disk that may write in any order what it has in its cache. Between two flushes all subsets of the writes where
      these are few, else SAMPLES with one missing or one alone, SAMPLES random ones; and writes of several blocks torn.
      What was acknowledged before the second flush must be there in each of them: so a success that was reported too
      early is seen.
   T: where a block has several sectors, both again with blocks torn between them. Only the superblock of ext4 is always
      whole: it is two sectors with one checksum, so whoever mounts such a disk read-write can lose it.
   RESTARTS states of P and as many of R are what a box boots from, in turn in each of these ways; lbud then commits three
   times more: /restart.sh.
   restart: nothing is mounted, and the checkers are there.
   mounted: the media is mounted read-only, as the boot leaves it.
   bare: nothing is mounted, and there is no checker, as on a box without dosfstools (FAT only; without a journal ext4 needs
      one); nor does a check that comes later take anything away.
   fsck: where the driver came upon an error, nothing acknowledged is lost, nor after a check, and lbud goes on.

   preened, forced: ext4 without a journal is checked before it is written to, by e2fsck -p, and where that gives up by
   e2fsck -y. What that leaves of every fourth state, at random, must be as good as the state was.
   cut: the power fails while the second of these writes, its blocks in any order, and all is checked again. */
#define _GNU_SOURCE
#include "common.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PAGE = 4096, LONGEST = 1 << 20, MOST_COMMITS = 64, MOST_NAMES = 8, ALL_SUBSETS_UP_TO = 5, SHOWN = 12, SMALL = 8,
    CUTS = 3
};
static const char *const device = "/dev/ram0", *const mountpoint = "/m";

static const char *name, *type;
static uint64_t random_state;
static unsigned samples, grain, restart_count;

static void say(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    printf("CT ");
    vprintf(format, list);
    putchar('\n');
    fflush(stdout);
    va_end(list);
}

static void *reserve(size_t count, size_t size)
{
    void *memory;
    if (posix_memalign(&memory, PAGE, count * size + 1))
        die("memory");
    memset(memory, 0, count * size);
    return memory;
}

/* The log */

struct unit {
    uint64_t sector;
    const uint8_t *data;
    unsigned request;
};
struct event {
    enum { WRITE, FLUSH, MARK } kind;
    unsigned first, count, number;
    char mark;
};
static struct unit *units;
static struct event *events;
static unsigned unit_count, event_count;
static struct {
    unsigned long long size, hash;
    bool unpacks;
    /* The mark it begins with: whether it may leave two names until it is acknowledged. */
    char begin;
    /* Of the file that says that it is to be confirmed; of no bytes where it is not. */
    unsigned long long announcement_size, announcement_hash;
} commits[MOST_COMMITS];
/* The overlay of another box is number 0. */
enum { FOREIGN = 0 };

/* What a power cut may leave at one moment. */
struct moment {
    /* Of the last commits. */
    unsigned acknowledged, begun;
    /* Whether the overlay of another box stands in the top directory, and whether it is just being put there. */
    bool foreign, is_outside;
};

static void pass_mark(struct moment *now, const struct event *event)
{
    switch (event->mark) {
    case 'A':
        now->acknowledged = event->number;
        if (commits[event->number].begin == 'D')
            now->foreign = false;
        break;
    case 'O':
        now->is_outside = true;
        break;
    case 'F':
        now->is_outside = false;
        now->foreign = true;
        break;
    case 'C':
    case 'W':
        break;
    default:
        now->begun = event->number;
    }
}

/* Whether the commit that is under way is one of this kind. */
static bool is_under_way(const struct moment *now, char begin)
{
    return now->acknowledged < now->begun && commits[now->begun].begin == begin;
}

static uint8_t *read_disk(const char *path, size_t *size)
{
    int disk = open(path, O_RDONLY);
    off_t end = disk < 0 ? -1 : lseek(disk, 0, SEEK_END);
    if (end <= 0)
        die(path);
    uint8_t *bytes = reserve((size_t)end, 1);
    for (off_t done = 0; done < end;) {
        ssize_t count = pread(disk, bytes + done, (size_t)(end - done), done);
        if (count <= 0)
            die(path);
        done += count;
    }
    close(disk);
    *size = (size_t)end;
    return bytes;
}

static uint64_t number_at(const uint8_t *bytes)
{
    uint64_t number = 0;
    for (int place = 7; place >= 0; place--)
        number = number << 8 | bytes[place];
    return number;
}

static void add_mark(const uint8_t *data)
{
    char kind, text[SECTOR + 1] = "";
    unsigned number;
    unsigned long long size, hash;
    memcpy(text, data, SECTOR);
    if (sscanf(text, MARK_FORMAT, &kind, &number, &size, &hash) != 4 || number >= MOST_COMMITS)
        die("a mark in the log");
    events[event_count++] = (struct event){.kind = MARK, .mark = kind, .number = number};
    if (kind == 'C' || kind == 'F') {
        commits[number].size = size;
        commits[number].hash = hash;
    } else if (kind == 'W') {
        commits[number].announcement_size = size;
        commits[number].announcement_hash = hash;
    } else if (kind != 'A' && kind != 'O') {
        commits[number].begin = kind;
    }
}

static void read_log(const char *path, uint64_t sectors)
{
    size_t size;
    const uint8_t *log = read_disk(path, &size);
    if (number_at(log) != 0x6a736677736872 || number_at(log + 8) != 1 || (uint32_t)number_at(log + 24) != SECTOR)
        die("the log's head");
    uint64_t entries = number_at(log + 16);
    units = reserve(size / SECTOR, sizeof *units);
    events = reserve(entries, sizeof *events);
    size_t place = SECTOR;
    for (uint64_t entry = 0; entry < entries; entry++) {
        if (place + SECTOR > size)
            die("the log's end");
        uint64_t sector = number_at(log + place), count = number_at(log + place + 8);
        uint64_t flags = number_at(log + place + 16);
        const uint8_t *data = log + place + SECTOR;
        place += SECTOR;
        if (flags & 1) {
            events[event_count++] = (struct event){.kind = FLUSH};
            if (count == 0)
                continue;
        }
        if (flags & ~1u || place + count * SECTOR > size)
            die("an entry of the log");
        place += count * SECTOR;
        if (sector >= sectors) {
            add_mark(data);
            continue;
        }
        events[event_count] = (struct event){.kind = WRITE, .first = unit_count, .count = (unsigned)count};
        for (uint64_t index = 0; index < count; index++)
            units[unit_count++] = (struct unit){sector + index, data + index * SECTOR, event_count};
        event_count++;
    }
}

/* The disk. Of each page that is ever written to there is what a state wants there, and what the device has. */

static uint8_t *base, *wanted, *present;
static size_t page_count, slot_count;
static int32_t *slot_of_page;
static uint32_t *page_of_slot;
/* Whether the driver may write while it is mounted read-only, as ext4 does to replay its journal. Then what the device
   has is not known afterwards. */
static bool driver_writes, has_no_journal, present_is_known;

static uint8_t *place_of(uint64_t sector)
{
    return wanted + (size_t)slot_of_page[sector / 8] * PAGE + sector % 8 * SECTOR;
}

static void write_pages(int disk, const uint8_t *bytes, size_t page, size_t count)
{
    if (pwrite(disk, bytes, count * PAGE, (off_t)(page * PAGE)) != (ssize_t)(count * PAGE))
        die(device);
}

static int open_device(void)
{
    /* Past the page cache, which belongs to the file system that mounts it next. */
    int disk = open(device, O_RDWR | O_DIRECT);
    if (disk < 0)
        die(device);
    return disk;
}

static void load_disk(const char *path, uint64_t sectors)
{
    size_t size;
    base = read_disk(path, &size);
    page_count = size / PAGE;
    slot_of_page = reserve(page_count, sizeof *slot_of_page);
    page_of_slot = reserve(page_count, sizeof *page_of_slot);
    for (unsigned index = 0; index < unit_count; index++)
        slot_of_page[units[index].sector / 8] = 1;
    slot_of_page[0] = 1;
    if (sectors / 8 > page_count)
        die("the disk's size");
    for (size_t page = 0; page < page_count; page++) {
        bool used = slot_of_page[page];
        slot_of_page[page] = used ? (int32_t)slot_count : -1;
        if (used)
            page_of_slot[slot_count++] = (uint32_t)page;
    }
    wanted = reserve(slot_count, PAGE);
    present = reserve(slot_count, PAGE);
    for (size_t slot = 0; slot < slot_count; slot++)
        memcpy(wanted + slot * PAGE, base + (size_t)page_of_slot[slot] * PAGE, PAGE);
    memcpy(present, wanted, slot_count * PAGE);
    int disk = open_device();
    for (size_t page = 0; page < page_count; page += 256)
        write_pages(disk, base + page * PAGE, page, page_count - page < 256 ? page_count - page : 256);
    close(disk);
    present_is_known = true;
    driver_writes = strcmp(type, "vfat") != 0;
    /* s_feature_compat of the superblock, and in it has_journal. */
    has_no_journal = driver_writes && !(base[1024 + 0x5c] & 4);
}

static const uint8_t *page_wanted(size_t page)
{
    return slot_of_page[page] < 0 ? base + page * PAGE : wanted + (size_t)slot_of_page[page] * PAGE;
}

/* Compares the whole device. Where it may differ it is put right, else a difference is an error of this program. */
static void compare_device(bool may_differ)
{
    static uint8_t *chunk;
    if (!chunk)
        chunk = reserve(256, PAGE);
    int disk = open_device();
    for (size_t page = 0; page < page_count; page += 256) {
        size_t count = page_count - page < 256 ? page_count - page : 256;
        if (pread(disk, chunk, count * PAGE, (off_t)(page * PAGE)) != (ssize_t)(count * PAGE))
            die(device);
        for (size_t index = 0; index < count; index++) {
            if (!memcmp(chunk + index * PAGE, page_wanted(page + index), PAGE))
                continue;
            if (!may_differ) {
                say("error %s page %zu of the rebuilt disk is not what it should be", name, page + index);
                exit(2);
            }
            write_pages(disk, page_wanted(page + index), page + index, 1);
        }
    }
    close(disk);
    memcpy(present, wanted, slot_count * PAGE);
    present_is_known = true;
}

static void make_state(void)
{
    int disk = open_device();
    for (size_t slot = 0; slot < slot_count;) {
        size_t end = slot;
        while (end < slot_count && page_of_slot[end] == page_of_slot[slot] + (end - slot) &&
               (!present_is_known || memcmp(wanted + end * PAGE, present + end * PAGE, PAGE)))
            end++;
        if (end == slot) {
            slot++;
            continue;
        }
        write_pages(disk, wanted + slot * PAGE, page_of_slot[slot], end - slot);
        memcpy(present + slot * PAGE, wanted + slot * PAGE, (end - slot) * PAGE);
        slot = end;
    }
    close(disk);
    present_is_known = true;
}

/* The verdict on one state */

enum verdict {
    GOOD, UNMOUNTABLE, UNREADABLE, MISSING, TWO, TORN, OLDER, NEWER, LOST, UNANNOUNCED, UNCLEAN, INCONSISTENT, FAILED,
    CLOSED, VERDICTS
};
static const char *const words[VERDICTS] = {
    "good", "does not mount", "cannot be read", "no snapshot", "two names that boot", "torn",
    "older than the one acknowledged", "not begun yet", "another box's overlay went too early",
    "nothing says that it is to be confirmed", "is left mounted",
    "the driver found an error", "cannot be saved to", "its folder cannot be opened"};

static int run(const char *path, ...)
{
    char *list[16] = {(char *)path};
    va_list more;
    va_start(more, path);
    for (int index = 1; index < 15; index++)
        if (!(list[index] = va_arg(more, char *)))
            break;
    va_end(more);
    pid_t child = fork();
    if (child == 0) {
        execv(path, list);
        _exit(127);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) < 0)
        die("fork");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static bool unpacks(const char *path, unsigned number)
{
    char text[16];
    snprintf(text, sizeof text, "%u", number);
    return run("/unpack.sh", path, text, NULL) == 0;
}

/* The names in the top directory that the boot loader's glob takes (mkinitfs, nlplug-findfs.c). */
struct names {
    unsigned count;
    char paths[MOST_NAMES][300];
};

static enum verdict find_names(struct names *found)
{
    found->count = 0;
    DIR *directory = opendir(mountpoint);
    if (!directory)
        return UNREADABLE;
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(directory);
        if (!entry)
            break;
        if (fnmatch("*.apkovl.tar.gz*", entry->d_name, 0))
            continue;
        if (found->count < MOST_NAMES)
            snprintf(found->paths[found->count++], sizeof *found->paths, "%s/%s", mountpoint, entry->d_name);
    }
    int code = errno;
    closedir(directory);
    return code ? UNREADABLE : GOOD;
}

/* What a restart saves are three commits, from this number on; 0 before there was one. */
static unsigned restart_number;
enum { RESTART_COMMITS = 3 };

static bool was_saved_at_restart(const char *path)
{
    for (unsigned index = 0; restart_number && index < RESTART_COMMITS; index++)
        if (unpacks(path, restart_number + index))
            return true;
    return false;
}

/* Reads up to LONGEST bytes; -1 for what cannot be read. */
static ssize_t read_whole(const char *path, uint8_t *bytes)
{
    int file = open(path, O_RDONLY | O_NOFOLLOW);
    if (file < 0)
        return -1;
    ssize_t size = 0, count = 0;
    while (size < LONGEST && (count = read(file, bytes + size, (size_t)(LONGEST - size))) > 0)
        size += count;
    close(file);
    return count < 0 ? -1 : size;
}

/* Whether the file is there, whole, without which a snapshot that is to be confirmed must not be the current one. */
static enum verdict find_announcement(unsigned number)
{
    static uint8_t *bytes;
    if (!bytes)
        bytes = reserve(LONGEST, 1);
    DIR *directory = opendir("/m/LBUD");
    if (!directory)
        return errno == ENOENT ? UNANNOUNCED : UNREADABLE;
    enum verdict verdict = UNANNOUNCED;
    struct dirent *entry;
    while (errno = 0, verdict != GOOD && (entry = readdir(directory))) {
        if (fnmatch("CONFIRM.*", entry->d_name, 0))
            continue;
        char path[300];
        snprintf(path, sizeof path, "/m/LBUD/%s", entry->d_name);
        ssize_t size = read_whole(path, bytes);
        if (size >= 0 && (unsigned long long)size == commits[number].announcement_size &&
            hash_bytes(HASH_START, bytes, (size_t)size) == commits[number].announcement_hash)
            verdict = GOOD;
    }
    if (verdict != GOOD && errno)
        verdict = UNREADABLE;
    closedir(directory);
    return verdict;
}

/* - found: FOREIGN, or the number of the commit; MOST_COMMITS for one that a restart made. */
static enum verdict read_snapshot(const char *path, const struct moment *now, unsigned *found)
{
    static uint8_t *bytes;
    if (!bytes)
        bytes = reserve(LONGEST, 1);
    ssize_t size = read_whole(path, bytes);
    if (size < 0)
        return UNREADABLE;
    uint64_t hash = hash_bytes(HASH_START, bytes, (size_t)size);
    unsigned number = MOST_COMMITS, first = MOST_COMMITS;
    /* Going back makes an earlier one current again: the same bytes are then those of the last commit that has begun. */
    for (unsigned other = 0; size > 0 && other < MOST_COMMITS; other++)
        if (commits[other].size == (unsigned long long)size && commits[other].hash == hash) {
            first = first == MOST_COMMITS ? other : first;
            number = number == MOST_COMMITS || other <= now->begun ? other : number;
        }
    *found = number;
    if (number == FOREIGN)
        return GOOD;
    if (number == MOST_COMMITS)
        return was_saved_at_restart(path) ? GOOD : TORN;
    /* The same bytes unpack the same way: once is enough. */
    if (!commits[first].unpacks && !(commits[first].unpacks = unpacks(path, first)))
        return TORN;
    if (number == first && commits[number].announcement_size) {
        enum verdict verdict = find_announcement(number);
        if (verdict != GOOD)
            return verdict;
    }
    return number < now->acknowledged ? OLDER : number > now->begun ? NEWER : GOOD;
}

/* Each of the names must be whole, and one that a box may boot with. */
static enum verdict read_names(const struct names *names, const struct moment *now)
{
    unsigned own = 0, foreign = 0, newest = 0;
    for (unsigned index = 0; index < names->count; index++) {
        unsigned number;
        enum verdict verdict = read_snapshot(names->paths[index], now, &number);
        if (verdict != GOOD)
            return verdict;
        if (number == FOREIGN)
            foreign++;
        else
            own++;
        newest = number > newest ? number : newest;
    }
    /* Nobody can replace two names at once: while the host name changes, both are there. */
    if (own > (is_under_way(now, 'N') ? 2 : 1) || foreign > now->foreign)
        return TWO;
    if (own == 0 && now->acknowledged > 0)
        return MISSING;
    /* It may go when the new one is there. */
    bool may_go = newest == MOST_COMMITS || (is_under_way(now, 'D') && newest == now->begun);
    return foreign < now->foreign && !may_go ? LOST : GOOD;
}

static bool folder_opens(void)
{
    return !access("/m/LBUD/.", F_OK);
}

/* lbud's folder can be opened, and is there once a commit was acknowledged with it. Only on FAT: whoever has ext4 without a
   journal has its checker. */
static enum verdict open_folder(const struct moment *now)
{
    static bool was_there;
    if (driver_writes)
        return GOOD;
    if (folder_opens()) {
        was_there |= now->acknowledged > 0;
        return GOOD;
    }
    return errno == ENOENT && !(was_there && now->acknowledged > 0) ? GOOD : CLOSED;
}

static enum verdict inspect(const struct moment *now)
{
    /* As the boot loader does. */
    if (mount(device, mountpoint, type, MS_RDONLY, NULL) < 0)
        return UNMOUNTABLE;
    static struct names names;
    enum verdict verdict = find_names(&names);
    if (verdict == GOOD)
        verdict = read_names(&names, now);
    if (verdict == GOOD)
        verdict = open_folder(now);
    return umount2(mountpoint, 0) < 0 ? UNCLEAN : verdict;
}

static enum verdict judge(const struct moment *now)
{
    static unsigned turns;
    make_state();
    if (turns++ % 500 == 0)
        compare_device(false);
    enum verdict verdict = inspect(now);
    present_is_known = !driver_writes;
    return verdict;
}

/* Counting */

struct count {
    unsigned all, bad, why[VERDICTS];
};
static struct count prefixes, subsets, tears, checks, preened, forced, cuts;

/* The ways to restart. */
enum { CHECKED, MOUNTED, BARE, WAYS };
static const char *const ways[WAYS] = {"restart", "mounted", "bare"};
static struct count restarts[WAYS];

static void report(struct count *count, const char *kind, unsigned event, unsigned number, enum verdict verdict)
{
    count->all++;
    count->why[verdict]++;
    if (verdict == GOOD)
        return;
    if (count->bad++ < SHOWN)
        say("bad %s %s event %u state %u: %s", name, kind, event, number, words[verdict]);
}

static void sum_up(const struct count *count, const char *kind)
{
    char text[400] = "";
    for (int index = 1; index < VERDICTS; index++)
        if (count->why[index])
            snprintf(text + strlen(text), sizeof text - strlen(text), "; %s: %u", words[index], count->why[index]);
    say("sum %s %s %u %u%s", name, kind, count->bad, count->all, text);
}

/* What three commits of a restart, from this number on, must have left. */
static enum verdict inspect_restarted(unsigned number)
{
    if (mount(device, mountpoint, type, MS_RDONLY, NULL) < 0)
        return UNMOUNTABLE;
    static struct names names;
    enum verdict verdict = find_names(&names);
    if (verdict == GOOD)
        verdict = names.count == 0 ? MISSING : names.count > 1 ? TWO : GOOD;
    if (verdict == GOOD && !unpacks(names.paths[0], number + RESTART_COMMITS - 1))
        verdict = TORN;
    if (verdict == GOOD && !driver_writes && !folder_opens())
        verdict = CLOSED;
    return umount2(mountpoint, 0) < 0 ? UNCLEAN : verdict;
}

/* Has a box boot from the device, and lbud commit on it. */
static enum verdict commit_on(unsigned number, unsigned way)
{
    char text[16];
    snprintf(text, sizeof text, "%u", number);
    int code = run("/restart.sh", device, type, text, ways[way], NULL);
    if (code != 0)
        return code == 3 ? UNMOUNTABLE : code == 4 ? INCONSISTENT : FAILED;
    enum verdict verdict = inspect_restarted(number);
    if (verdict != GOOD || way != BARE)
        return verdict;
    /* Somebody has it checked much later. 1: errors were corrected. */
    return run("/checkers/fsck.vfat", "-a", device, NULL) > 1 ? FAILED : inspect_restarted(number);
}

/* After an error of the driver, which turns the file system read-only, or should. */
static enum verdict mend(const struct moment *now)
{
    enum verdict verdict = inspect(now);
    if (verdict != GOOD && verdict != CLOSED)
        return verdict;
    /* 1: errors were corrected. */
    int code = driver_writes ? run("/checkers/e2fsck", "-f", "-y", device, NULL)
                             : run("/checkers/fsck.vfat", "-a", device, NULL);
    if (code > 1)
        return FAILED;
    verdict = inspect(now);
    return verdict == GOOD ? commit_on(restart_number + RESTART_COMMITS, CHECKED) : verdict;
}

static unsigned restarts_made(void)
{
    return restarts[CHECKED].all + restarts[MOUNTED].all + restarts[BARE].all;
}

static void restart(unsigned event, unsigned number, const struct moment *now)
{
    unsigned turn = restarts_made(), all_ways = driver_writes ? BARE : WAYS;
    unsigned way = turn % all_ways;
    /* No number is used twice, so that a commit of another restart is noticed. Of each way, one begins with an even number
       and the next with an odd one, see restart.sh. */
    restart_number = 1000 + turn * (2 * RESTART_COMMITS + 2) + turn / all_ways % 2;
    make_state();
    say("box %s %s event %u state %u", name, ways[way], event, number);
    enum verdict verdict = commit_on(restart_number, way);
    report(&restarts[way], ways[way], event, number, verdict);
    if (verdict == INCONSISTENT)
        report(&checks, "fsck", event, number, mend(now));
    restart_number = 0;
    compare_device(true);
}

/* Has the device checked as lbud does. - Returns: 1 at most where it is as it should be then. */
static int have_checked(bool *is_forced)
{
    /* 1: errors were corrected. 4: some were not. */
    int code = run("/check.sh", device, "-p", NULL);
    *is_forced = code & 4;
    return *is_forced ? run("/check.sh", device, "-y", NULL) : code;
}

/* The power fails while a checker writes, in any order, what the device has now; then all is checked again. */
static void cut_check(unsigned event, unsigned number, const struct moment *now)
{
    static uint8_t *after;
    if (!after)
        after = reserve(page_count, PAGE);
    int disk = open_device();
    if (pread(disk, after, page_count * PAGE, 0) != (ssize_t)(page_count * PAGE))
        die(device);
    close(disk);
    size_t block = (size_t)grain * SECTOR;
    for (unsigned turn = 0; turn < CUTS; turn++) {
        compare_device(true);
        disk = open_device();
        for (size_t place = 0; place < page_count * PAGE; place += block)
            if (memcmp(after + place, page_wanted(place / PAGE) + place % PAGE, block) && next_random(&random_state) >> 63 &&
                pwrite(disk, after + place, block, (off_t)place) != (ssize_t)block)
                die(device);
        close(disk);
        enum verdict verdict = inspect(now);
        bool is_forced;
        if (verdict == GOOD)
            verdict = have_checked(&is_forced) > 1 ? FAILED : inspect(now);
        report(&cuts, "cut", event, number, verdict);
    }
}

/* Does on a state that is good what lbud does before it writes. */
static void check(unsigned event, unsigned number, const struct moment *now)
{
    /* Three reads of the whole disk each: a part of them has to do. */
    if (!has_no_journal || next_random(&random_state) % 4)
        return;
    say("box %s check event %u state %u", name, event, number);
    bool is_forced;
    int code = have_checked(&is_forced);
    enum verdict verdict = code > 1 ? FAILED : inspect(now);
    report(is_forced ? &forced : &preened, is_forced ? "forced" : "preened", event, number, verdict);
    if (is_forced && verdict == GOOD)
        cut_check(event, number, now);
    compare_device(true);
}

static bool differs(const struct unit *unit)
{
    return memcmp(place_of(unit->sector), unit->data, SECTOR) != 0;
}

/* The second sector of ext4's superblock, which is 1 KiB from byte 1024 on (Documentation/filesystems/ext4). */
static bool is_half_superblock(uint64_t sector)
{
    return driver_writes && sector == 3;
}

static void judge_prefixes(void)
{
    struct moment now = {0};
    /* Restarts are for what small writes leave: there are the directories and tables. */
    unsigned small = 0, since = 0;
    for (unsigned index = 0; index < event_count; index++)
        small += events[index].kind == WRITE && events[index].count <= SMALL;
    unsigned every = restart_count ? small / restart_count + 1 : 0;
    for (unsigned index = 0; index < event_count; index++) {
        const struct event *event = &events[index];
        if (event->kind == MARK) {
            pass_mark(&now, event);
            if (event->mark == 'A' || event->mark == 'F')
                report(&prefixes, "P", index, 0, judge(&now));
        }
        if (event->kind != WRITE)
            continue;
        bool changed = false;
        since += event->count <= SMALL;
        for (unsigned next = event->first; next < event->first + event->count; next++) {
            const struct unit *unit = &units[next];
            /* What changes nothing is no other state. */
            changed |= differs(unit);
            memcpy(place_of(unit->sector), unit->data, SECTOR);
            bool more = next + 1 < event->first + event->count;
            if (now.is_outside || !changed || (more && is_half_superblock(unit->sector + 1)))
                continue;
            changed = false;
            /* Torn is a block whose rest is still to come, and does matter. */
            bool torn = false;
            for (unsigned rest = next + 1; rest < event->first + event->count && units[rest].sector % grain; rest++)
                torn |= differs(&units[rest]);
            enum verdict verdict = judge(&now);
            report(torn ? &tears : &prefixes, torn ? "T" : "P", index, next - event->first, verdict);
            if (!torn && verdict == GOOD)
                check(index, next - event->first, &now);
            if (every && since >= every && verdict == GOOD) {
                restart(index, next - event->first, &now);
                since = 0;
            }
        }
    }
}

/* One epoch: the writes between two flushes */

static struct {
    const struct event **requests;
    unsigned request_count, first, count, event, number;
    struct moment now;
    /* Whether something was written that is not to be judged. */
    bool is_outside;
    bool *chosen;
    uint64_t *seen;
    size_t seen_count;
} epoch;
static size_t seen_size;
static uint8_t *durable;

/* Whether the state is a new one: of each sector the last chosen write counts, and only where it changes something. */
static bool is_new(void)
{
    uint64_t hash = HASH_START;
    for (size_t slot = 0; slot < slot_count; slot++)
        if (memcmp(wanted + slot * PAGE, durable + slot * PAGE, PAGE)) {
            hash = hash_bytes(hash, &slot, sizeof slot);
            /* Page by page in words: this runs for every state. */
            const uint64_t *word = (const uint64_t *)(const void *)(wanted + slot * PAGE);
            for (int index = 0; index < PAGE / 8; index++)
                hash = (hash ^ word[index]) * 0x100000001b3u, hash ^= hash >> 29;
        }
    for (size_t index = 0; index < epoch.seen_count; index++)
        if (epoch.seen[index] == hash)
            return false;
    if (epoch.seen_count < seen_size)
        epoch.seen[epoch.seen_count++] = hash;
    return true;
}

static void judge_chosen(struct count *count, const char *kind)
{
    memcpy(wanted, durable, slot_count * PAGE);
    for (unsigned index = 0; index < epoch.count; index++)
        if (epoch.chosen[index])
            memcpy(place_of(units[epoch.first + index].sector), units[epoch.first + index].data, SECTOR);
    if (is_new()) {
        enum verdict verdict = judge(&epoch.now);
        report(count, kind, epoch.event, epoch.number, verdict);
        if (verdict == GOOD && count == &subsets)
            check(epoch.event, epoch.number, &epoch.now);
        if (verdict == GOOD && count == &subsets && restarts_made() < 2 * restart_count &&
            next_random(&random_state) % 32 == 0)
            restart(epoch.event, epoch.number, &epoch.now);
    }
    epoch.number++;
}

static void choose_request(unsigned request, bool chosen)
{
    const struct event *event = epoch.requests[request];
    memset(epoch.chosen + (event->first - epoch.first), chosen, event->count);
}

static void choose_randomly(void)
{
    /* Nearly none, half, nearly all. */
    static const unsigned densities[] = {32, 128, 224};
    unsigned density = densities[next_random(&random_state) % 3];
    for (unsigned request = 0; request < epoch.request_count; request++)
        choose_request(request, next_random(&random_state) >> 56 < density);
}

/* - part: how many sectors stay together. */
static void tear(unsigned request, unsigned part)
{
    const struct event *event = epoch.requests[request];
    bool *chosen = epoch.chosen + (event->first - epoch.first), now = false;
    unsigned cut = (unsigned)(next_random(&random_state) % (event->count - 1)) + 1;
    unsigned way = (unsigned)(next_random(&random_state) % 3);
    for (unsigned index = 0; index < event->count; index++) {
        uint64_t sector = units[event->first + index].sector;
        if (index == 0 || (sector % part == 0 && !is_half_superblock(sector)))
            now = way == 0 ? index < cut : way == 1 ? index >= cut : next_random(&random_state) >> 63;
        chosen[index] = now;
    }
}

static void judge_torn(struct count *count, const char *kind, unsigned part)
{
    unsigned torn = 0;
    for (unsigned turn = 0; turn < 4 * samples && torn < samples; turn++) {
        unsigned request = (unsigned)(next_random(&random_state) % epoch.request_count);
        if (epoch.requests[request]->count <= part)
            continue;
        torn++;
        choose_randomly();
        tear(request, part);
        judge_chosen(count, kind);
    }
}

static void judge_epoch(void)
{
    unsigned count = epoch.request_count;
    epoch.seen_count = 0;
    epoch.number = 0;
    if (count <= ALL_SUBSETS_UP_TO) {
        for (unsigned set = 0; set < 1u << count; set++) {
            for (unsigned request = 0; request < count; request++)
                choose_request(request, set >> request & 1);
            judge_chosen(&subsets, "R");
        }
    } else {
        for (unsigned turn = 0; turn < samples; turn++) {
            bool alone = turn % 2;
            unsigned request = (unsigned)(next_random(&random_state) % count);
            for (unsigned other = 0; other < count; other++)
                choose_request(other, !alone);
            choose_request(request, alone);
            judge_chosen(&subsets, "R");
        }
        for (unsigned turn = 0; turn < samples; turn++) {
            choose_randomly();
            judge_chosen(&subsets, "R");
        }
    }
    judge_torn(&subsets, "R", grain);
    if (grain > 1)
        judge_torn(&tears, "T", 1);
}

static void judge_subsets(void)
{
    durable = reserve(slot_count, PAGE);
    for (size_t slot = 0; slot < slot_count; slot++)
        memcpy(durable + slot * PAGE, base + (size_t)page_of_slot[slot] * PAGE, PAGE);
    seen_size = 16 * (size_t)samples + 64;
    epoch.seen = reserve(seen_size, sizeof *epoch.seen);
    epoch.requests = reserve(event_count + 1, sizeof *epoch.requests);
    epoch.chosen = reserve(unit_count + 1, sizeof *epoch.chosen);
    for (unsigned index = 0; index <= event_count; index++) {
        const struct event *event = &events[index];
        if (index == event_count || event->kind == FLUSH) {
            if (epoch.count > 0 && !epoch.is_outside)
                judge_epoch();
            for (unsigned next = epoch.first; next < epoch.first + epoch.count; next++)
                memcpy(durable + (place_of(units[next].sector) - wanted), units[next].data, SECTOR);
            epoch.first += epoch.count;
            epoch.count = epoch.request_count = 0;
            epoch.is_outside = false;
            epoch.event = index;
        } else if (event->kind == MARK) {
            pass_mark(&epoch.now, event);
        } else {
            epoch.is_outside |= epoch.now.is_outside;
            epoch.requests[epoch.request_count++] = event;
            epoch.count += event->count;
        }
    }
}

int main(int count, char **list)
{
    if (count != 10)
        return 2;
    name = list[1];
    uint64_t sectors = strtoull(list[4], NULL, 10);
    type = list[5];
    grain = (unsigned)atoi(list[6]);
    random_state = random_start(strtoull(list[7], NULL, 10));
    samples = (unsigned)atoi(list[8]);
    restart_count = (unsigned)atoi(list[9]);
    read_log(list[3], sectors);
    load_disk(list[2], sectors);
    unsigned flushes = 0, acknowledged = 0;
    for (unsigned index = 0; index < event_count; index++) {
        flushes += events[index].kind == FLUSH;
        acknowledged += events[index].kind == MARK && events[index].mark == 'A';
    }
    say("log %s %u commits, %u sectors, %u flushes, %zu pages", name, acknowledged, unit_count, flushes, slot_count);
    judge_prefixes();
    judge_subsets();
    sum_up(&prefixes, "P");
    sum_up(&subsets, "R");
    sum_up(&tears, "T");
    for (unsigned way = 0; way < WAYS; way++)
        sum_up(&restarts[way], ways[way]);
    sum_up(&checks, "fsck");
    sum_up(&preened, "preened");
    sum_up(&forced, "forced");
    sum_up(&cuts, "cut");
    return 0;
}
