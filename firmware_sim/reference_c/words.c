/* Instants, ids, topics and files. */
#include "terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

double now_s(void)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

void instant_of(double epoch_s, char out[INSTANT_MAX])
{
    time_t whole = (time_t)epoch_s;
    struct tm utc;
    gmtime_r(&whole, &utc);
    size_t length = strftime(out, INSTANT_MAX, "%Y-%m-%dT%H:%M:%S", &utc);
    int milliseconds = (int)((epoch_s - (double)whole) * 1000.0);
    snprintf(out + length, INSTANT_MAX - length, ".%03dZ", milliseconds);
}

double instant_read(const char *text)
{
    struct tm local = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &local);
    if (rest == NULL)
        return -1;
    double fraction = 0;
    if (*rest == '.') {
        char *end;
        fraction = strtod(rest, &end);
        rest = end;
    }
    int sign = *rest == '-' ? -1 : 1, hours = 0, minutes = 0;
    if (*rest != 'Z' && *rest != 'z' &&
        ((*rest != '+' && *rest != '-') || sscanf(rest + 1, "%2d:%2d", &hours, &minutes) != 2))
        return -1;
    return (double)timegm(&local) + fraction - sign * (hours * 3600.0 + minutes * 60.0);
}

void random_uuid(char out[37])
{
    unsigned char b[16];
    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
        abort();
    b[6] = (b[6] & 0x0f) | 0x40;
    b[8] = (b[8] & 0x3f) | 0x80;
    snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

void topic_of(const struct settings *settings, const char *leaf, const char *tail, char out[TOPIC_MAX])
{
    snprintf(out, TOPIC_MAX, "patrol/v1/%s/terminals/%s/%s%s%s", settings->district, settings->device_id,
             leaf, tail ? "/" : "", tail ? tail : "");
}

bool write_file(const char *path, const char *text, size_t length)
{
    char draft[PATH_MAX_LEN + 8];
    snprintf(draft, sizeof draft, "%s.new", path);
    FILE *file = fopen(draft, "wb");
    if (file == NULL)
        return false;
    bool whole = fwrite(text, 1, length, file) == length && fflush(file) == 0 && fsync(fileno(file)) == 0;
    whole = fclose(file) == 0 && whole;
    return whole && rename(draft, path) == 0;
}

char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    char *text = NULL;
    size_t used = 0, room = 0;
    for (;;) {
        if (room - used < 2) {
            room = room ? 2 * room : 4096;
            char *more = realloc(text, room);
            if (more == NULL)
                abort();
            text = more;
        }
        size_t got = fread(text + used, 1, room - used - 1, file);
        if (got == 0)
            break;
        used += got;
    }
    fclose(file);
    text[used] = '\0';
    *length = used;
    return text;
}

void make_folder(const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        fprintf(stderr, "cannot make %s: %s\n", path, strerror(errno));
        exit(2);
    }
}

void log_line(const char *did, const char *what)
{
    char at[INSTANT_MAX];
    instant_of(now_s(), at);
    printf("%s %s %s\n", at, did, what);
    fflush(stdout);
}
