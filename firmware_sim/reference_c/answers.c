/* The last answer to each command: a repeat gets it again, also after a restart.
 *
 * One file a command: the rev on its first line, the answer's JSON after it. */
#include "terminal.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEPT_MOST = 500 };

static const struct settings *own;
static char folder[PATH_MAX_LEN];

static void path_of(const char *command_id, char out[PATH_MAX_LEN])
{
    snprintf(out, PATH_MAX_LEN, "%.400s/%.64s", folder, command_id);
}

/* Whether the file holds an answer after which the hub still expects another. */
static bool is_unfinished(const char *command_id)
{
    char path[PATH_MAX_LEN];
    size_t length;
    path_of(command_id, path);
    char *text = read_file(path, &length), *payload = text == NULL ? NULL : strchr(text, '\n');
    cJSON *ack = payload == NULL ? NULL : cJSON_Parse(payload + 1);
    const cJSON *state = cJSON_GetObjectItemCaseSensitive(ack, "state");
    bool unfinished = cJSON_IsString(state) && strstr("delivered accepted in_progress", state->valuestring);
    cJSON_Delete(ack);
    free(text);
    return unfinished;
}

void answers_open(const struct settings *settings)
{
    own = settings;
    snprintf(folder, sizeof folder, "%s/answers", settings->state_folder);
    make_folder(folder);
    struct dirent **found;
    int count = scandir(folder, &found, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (strlen(found[i]->d_name) == 36 && is_unfinished(found[i]->d_name))
            answer(found[i]->d_name, "failed", "the terminal was restarted", NULL);
        free(found[i]);
    }
    if (count >= 0)
        free(found);
}

static void send(const char *command_id, const char *payload)
{
    char topic[TOPIC_MAX];
    topic_of(own, "acks", command_id, topic);
    outbox_put(topic, payload);
}

/* Forget the oldest answers when there are too many. */
static void make_room(void)
{
    struct dirent **found;
    int count = scandir(folder, &found, NULL, alphasort), files = 0;
    char oldest[PATH_MAX_LEN] = "";
    double oldest_at = 0;
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX_LEN];
        struct stat facts;
        path_of(found[i]->d_name, path);
        if (found[i]->d_name[0] != '.' && stat(path, &facts) == 0) {
            files++;
            double at = (double)facts.st_mtim.tv_sec + (double)facts.st_mtim.tv_nsec / 1e9;
            if (oldest[0] == '\0' || at < oldest_at) {
                oldest_at = at;
                memcpy(oldest, path, sizeof oldest);
            }
        }
        free(found[i]);
    }
    if (count >= 0)
        free(found);
    if (files > KEPT_MOST)
        unlink(oldest);
}

bool answer_again(const char *command_id)
{
    char path[PATH_MAX_LEN];
    size_t length;
    path_of(command_id, path);
    char *text = read_file(path, &length);
    if (text == NULL)
        return false;
    char *payload = strchr(text, '\n');
    if (payload != NULL)
        send(command_id, payload + 1);
    free(text);
    return payload != NULL;
}

void answer(const char *command_id, const char *state, const char *reason, cJSON *result)
{
    char path[PATH_MAX_LEN], at[INSTANT_MAX];
    size_t length;
    path_of(command_id, path);
    char *known = read_file(path, &length);
    int rev = known == NULL ? 1 : atoi(known) + 1;
    free(known);
    instant_of(now_s(), at);
    cJSON *ack = cJSON_CreateObject();
    cJSON_AddStringToObject(ack, "command_id", command_id);
    cJSON_AddStringToObject(ack, "state", state);
    cJSON_AddNumberToObject(ack, "rev", rev);
    cJSON_AddStringToObject(ack, "at", at);
    if (reason != NULL)
        cJSON_AddStringToObject(ack, "reason", reason);
    if (result != NULL)
        cJSON_AddItemToObject(ack, "result", result);
    char *payload = cJSON_PrintUnformatted(ack);
    if (payload == NULL)
        abort();
    size_t room = strlen(payload) + 16;
    char *text = malloc(room);
    if (text == NULL)
        abort();
    int used = snprintf(text, room, "%d\n%s", rev, payload);
    if (!write_file(path, text, (size_t)used)) /* kept before it is sent */
        log_line("disk_failed", path);
    send(command_id, payload);
    log_line(state, command_id);
    free(text);
    cJSON_free(payload);
    cJSON_Delete(ack);
    make_room();
}
