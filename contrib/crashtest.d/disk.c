/* In the guest that is recorded: what busybox cannot do.

   disk mark DEVICE SECTOR KIND NUMBER [FILE]   writes a mark, see common.h; C, F and W tell what FILE is
   disk flush DEVICE                            empties its write cache, which sync(1) does not on vfat
   disk fill SEED BYTES                         prints bytes that do not compress
   disk replace FROM DIRECTORY NAME             the recipe everybody knows: temporary file beside it, fsync, rename, fsync
                                                of the directory (a control: it must be caught losing files on vfat)
   disk remove DIRECTORY NAME                   the same for a name that has to go: unlink, fsync of the directory */
#define _GNU_SOURCE
#include "common.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char *read_file(const char *path, size_t *size)
{
    int file = open(path, O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status) < 0)
        die(path);
    char *bytes = malloc((size_t)status.st_size + 1);
    if (!bytes || read(file, bytes, (size_t)status.st_size) != status.st_size)
        die(path);
    close(file);
    *size = (size_t)status.st_size;
    return bytes;
}

static void mark(const char *device, uint64_t sector, char kind, unsigned number, const char *path)
{
    unsigned long long size = 0, hash = 0;
    if (path) {
        size_t count;
        char *bytes = read_file(path, &count);
        size = count;
        hash = hash_bytes(HASH_START, bytes, count);
    }
    /* Past the page cache, and not with O_SYNC: that would flush the device, and hide a procedure that forgets to. */
    int disk = open(device, O_WRONLY | O_DIRECT);
    void *buffer;
    if (disk < 0 || posix_memalign(&buffer, 4096, SECTOR))
        die(device);
    memset(buffer, 0, SECTOR);
    snprintf(buffer, SECTOR, MARK_FORMAT, kind, number, size, hash);
    if (pwrite(disk, buffer, SECTOR, (off_t)(sector * SECTOR)) != SECTOR)
        die(device);
    close(disk);
}

static void flush(const char *device)
{
    int disk = open(device, O_RDONLY);
    if (disk < 0 || fsync(disk) < 0)
        die(device);
    close(disk);
}

static void fill(uint64_t seed, size_t count)
{
    uint64_t state = random_start(seed);
    for (size_t index = 0; index < count; index++)
        putchar((int)(next_random(&state) >> 56));
}

static void replace(const char *from, const char *folder, const char *name)
{
    size_t size;
    char *bytes = read_file(from, &size);
    int directory = open(folder, O_RDONLY | O_DIRECTORY);
    if (directory < 0)
        die(folder);
    /* A name that the boot loader passes over: the recipe at its best. */
    int file = openat(directory, "new.tmp", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || write(file, bytes, size) != (ssize_t)size || fsync(file) < 0 || close(file) < 0)
        die("new.tmp");
    if (renameat(directory, "new.tmp", directory, name) < 0 || fsync(directory) < 0 || close(directory) < 0)
        die(name);
}

static void remove_name(const char *folder, const char *name)
{
    int directory = open(folder, O_RDONLY | O_DIRECTORY);
    if (directory < 0 || unlinkat(directory, name, 0) < 0 || fsync(directory) < 0 || close(directory) < 0)
        die(name);
}

int main(int count, char **words)
{
    if (count >= 6 && !strcmp(words[1], "mark"))
        mark(words[2], strtoull(words[3], NULL, 10), words[4][0], (unsigned)atoi(words[5]), words[6]);
    else if (count == 3 && !strcmp(words[1], "flush"))
        flush(words[2]);
    else if (count == 4 && !strcmp(words[1], "fill"))
        fill(strtoull(words[2], NULL, 10), strtoul(words[3], NULL, 10));
    else if (count == 5 && !strcmp(words[1], "replace"))
        replace(words[2], words[3], words[4]);
    else if (count == 4 && !strcmp(words[1], "remove"))
        remove_name(words[2], words[3]);
    else
        return 2;
    return 0;
}
