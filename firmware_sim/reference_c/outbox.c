/* The outbox: one file a message, so that a battery that falls out loses nothing.
 *
 * A message waits until the broker has acknowledged it for a subscriber, and stays for two minutes
 * more: at the hub's birth, everything of that time is sent again (docs/wire.md, "Twice, late, out of
 * order, or never"). A sample that is sent a second time goes to `backlog`. What was on its way when the
 * line broke is sent again by libmosquitto itself, under the same mid. */
#include "terminal.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ON_THE_WAY_MOST = 20, KEPT_MOST = 5000, NO_SUBSCRIBERS = 0x10, FAILURE = 0x80 };

static const double SENT_AGAIN_S = 120.0;
static const double FIRST_PAUSE_S = 1.0, LONGEST_PAUSE_S = 15.0;

enum state { WAITING, ON_THE_WAY, TAKEN };

struct entry {
    unsigned long number; /* the file's name; the order in which they are sent */
    enum state state;
    int mid;
    bool sent_before;
    double first_sent_at; /* 0: never */
    struct entry *next;
};

static char folder[PATH_MAX_LEN];
static struct entry *oldest;
static unsigned long last_number;
static double paused_until, pause_s;

static void path_of(const struct entry *entry, char out[PATH_MAX_LEN])
{
    snprintf(out, PATH_MAX_LEN, "%.400s/%010lu", folder, entry->number);
}

static struct entry *append(unsigned long number)
{
    struct entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL)
        abort();
    entry->number = number;
    struct entry **end = &oldest;
    while (*end != NULL)
        end = &(*end)->next;
    *end = entry;
    return entry;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

void outbox_open(const struct settings *settings)
{
    snprintf(folder, sizeof folder, "%s/outbox", settings->state_folder);
    make_folder(folder);
    pause_s = FIRST_PAUSE_S;
    struct dirent **found;
    int count = scandir(folder, &found, NULL, by_name);
    for (int i = 0; i < count; i++) {
        char *end;
        unsigned long number = strtoul(found[i]->d_name, &end, 10);
        if (*end == '\0' && number > 0) {
            append(number)->sent_before = true; /* perhaps; a repeat does no harm */
            last_number = number;
        }
        free(found[i]);
    }
    if (count >= 0)
        free(found);
}

static void drop(struct entry *entry)
{
    char path[PATH_MAX_LEN];
    path_of(entry, path);
    unlink(path);
    struct entry **link = &oldest;
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    free(entry);
}

static size_t count_all(void)
{
    size_t count = 0;
    for (struct entry *entry = oldest; entry != NULL; entry = entry->next)
        count++;
    return count;
}

void outbox_put(const char *topic, const char *payload)
{
    if (count_all() >= KEPT_MOST) {
        log_line("outbox_full", "the oldest message is given up");
        drop(oldest);
    }
    struct entry *entry = append(++last_number);
    size_t length = strlen(topic) + 1 + strlen(payload);
    char *text = malloc(length + 1), path[PATH_MAX_LEN];
    if (text == NULL)
        abort();
    sprintf(text, "%s\n%s", topic, payload);
    path_of(entry, path);
    if (!write_file(path, text, length))
        log_line("disk_failed", path);
    free(text);
}

void outbox_put_json(const char *topic, cJSON *document)
{
    char *payload = cJSON_PrintUnformatted(document);
    if (payload == NULL)
        abort();
    outbox_put(topic, payload);
    cJSON_free(payload);
    cJSON_Delete(document);
}

/* Telemetry that is late is backlog: it must not move the marker. */
static void made_late(const char *topic, char out[TOPIC_MAX])
{
    const char *leaf = strrchr(topic, '/');
    if (leaf != NULL && strcmp(leaf, "/telemetry") == 0)
        snprintf(out, TOPIC_MAX, "%.*s/backlog", (int)(leaf - topic), topic);
    else
        snprintf(out, TOPIC_MAX, "%s", topic);
}

static bool send_one(struct entry *entry)
{
    char path[PATH_MAX_LEN], topic[TOPIC_MAX];
    size_t length;
    path_of(entry, path);
    char *text = read_file(path, &length);
    char *payload = text == NULL ? NULL : strchr(text, '\n');
    if (payload == NULL) { /* unreadable: nothing can be sent */
        log_line("outbox_damaged", path);
        free(text);
        drop(entry);
        return true;
    }
    *payload++ = '\0';
    if (entry->sent_before)
        made_late(text, topic);
    else
        snprintf(topic, sizeof topic, "%s", text);
    int mid = line_publish(topic, payload, length - (size_t)(payload - text));
    free(text);
    if (mid < 0)
        return false;
    entry->state = ON_THE_WAY;
    entry->mid = mid;
    entry->sent_before = true;
    if (entry->first_sent_at == 0)
        entry->first_sent_at = now_s();
    return true;
}

void outbox_send(void)
{
    size_t on_the_way = 0;
    double now = now_s();
    for (struct entry *entry = oldest, *next; entry != NULL; entry = next) {
        next = entry->next;
        if (entry->state == TAKEN && now - entry->first_sent_at > SENT_AGAIN_S)
            drop(entry);
        else if (entry->state == ON_THE_WAY)
            on_the_way++;
    }
    if (!line_is_up() || now < paused_until)
        return;
    for (struct entry *entry = oldest, *next; entry != NULL && on_the_way < ON_THE_WAY_MOST; entry = next) {
        next = entry->next;
        if (entry->state != WAITING)
            continue;
        if (!send_one(entry))
            return;
        on_the_way++;
    }
}

void outbox_taken(int mid, int reason)
{
    for (struct entry *entry = oldest; entry != NULL; entry = entry->next) {
        if (entry->state != ON_THE_WAY || entry->mid != mid)
            continue;
        if (reason == NO_SUBSCRIBERS || reason >= FAILURE) { /* the hub isn't there: ask again later */
            entry->state = WAITING;
            paused_until = now_s() + pause_s;
            pause_s = pause_s * 2 < LONGEST_PAUSE_S ? pause_s * 2 : LONGEST_PAUSE_S;
        } else {
            entry->state = TAKEN;
            pause_s = FIRST_PAUSE_S;
        }
        return;
    }
}

void outbox_send_again(void)
{
    paused_until = 0;
    for (struct entry *entry = oldest; entry != NULL; entry = entry->next)
        if (entry->state == TAKEN && now_s() - entry->first_sent_at <= SENT_AGAIN_S)
            entry->state = WAITING;
}

size_t outbox_waiting(void)
{
    size_t count = 0;
    for (struct entry *entry = oldest; entry != NULL; entry = entry->next)
        count += entry->state != TAKEN;
    return count;
}
