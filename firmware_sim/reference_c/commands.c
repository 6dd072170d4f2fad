/* What the terminal and its holder do about each command (docs/wire.md, "Commands"). */
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct settings *own;
static double config_version;

/* A task at a place: the holder is on the way, or at work, until `done_at`. */
struct task {
    char command_id[ID_MAX];
    bool lasts; /* a guard stays until it is relieved */
    double done_at;
    struct task *next;
};

static struct task *tasks;

void commands_open(const struct settings *settings)
{
    own = settings;
}

static bool is(const char *type, const char *name)
{
    return strcmp(type, name) == 0;
}

/* By the time since it came, if the command says for how long it is valid; else by this clock. */
static bool is_expired(const cJSON *command)
{
    const cJSON *expires_at = cJSON_GetObjectItemCaseSensitive(command, "expires_at");
    const cJSON *valid_for = cJSON_GetObjectItemCaseSensitive(command, "valid_for_s");
    if (cJSON_IsNumber(valid_for))
        return valid_for->valuedouble <= 0;
    double ends = cJSON_IsString(expires_at) ? instant_read(expires_at->valuestring) : -1;
    return ends < 0 || now_s() >= ends;
}

static void begin_task(const char *command_id, bool lasts)
{
    struct task *task = calloc(1, sizeof *task);
    if (task == NULL)
        abort();
    snprintf(task->command_id, sizeof task->command_id, "%s", command_id);
    task->lasts = lasts;
    task->done_at = now_s() + own->work_s;
    task->next = tasks;
    tasks = task;
    answer(command_id, "accepted", NULL, NULL);
    answer(command_id, "in_progress", NULL, NULL);
}

static cJSON *result_here(void)
{
    cJSON *result = cJSON_CreateObject();
    cJSON_AddItemToObject(result, "place", place_now());
    return result;
}

static void answer_config(const char *command_id, const cJSON *command)
{
    const cJSON *body = cJSON_GetObjectItemCaseSensitive(command, "body");
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(body, "version");
    char reason[80];
    if (cJSON_IsNumber(version) && version->valuedouble == config_version) {
        answer(command_id, "succeeded", NULL, NULL);
        return;
    }
    snprintf(reason, sizeof reason, "version %.0f is in force", config_version);
    answer(command_id, "failed", reason, NULL);
}

static void obey(const char *command_id, const char *type, const cJSON *command)
{
    char reason[160];
    if (is(type, "locate")) {
        sample_now();
        answer(command_id, "succeeded", NULL, result_here());
    } else if (is(type, "message") || is(type, "broadcast")) {
        const cJSON *body = cJSON_GetObjectItemCaseSensitive(command, "body");
        const cJSON *text = cJSON_GetObjectItemCaseSensitive(body, "text");
        log_line("reads", cJSON_IsString(text) ? text->valuestring : "");
        answer(command_id, "accepted", NULL, NULL);
        answer(command_id, "succeeded", NULL, NULL);
    } else if (is(type, "dispatch") || is(type, "verify") || is(type, "guard")) {
        begin_task(command_id, is(type, "guard"));
    } else if (is(type, "config")) {
        answer_config(command_id, command);
    } else {
        snprintf(reason, sizeof reason, "this terminal can't do %.100s", type);
        answer(command_id, "rejected", reason, NULL);
    }
}

void command_came(const char *command_id, const char *payload, size_t length)
{
    if (strlen(command_id) != 36 || strchr(command_id, '/') != NULL)
        return;
    if (answer_again(command_id)) {
        log_line("repeat", command_id);
        return;
    }
    cJSON *command = cJSON_ParseWithLength(payload, length);
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(command, "type");
    if (!cJSON_IsString(type)) {
        answer(command_id, "rejected", "the command can't be read", NULL);
    } else if (is_expired(command)) {
        answer(command_id, "expired", NULL, NULL);
    } else {
        answer(command_id, "delivered", NULL, NULL);
        obey(command_id, type->valuestring, command);
    }
    cJSON_Delete(command);
}

/* This terminal has no settings of its own: it takes every version, and says so. */
void config_came(const char *payload, size_t length)
{
    cJSON *desired = cJSON_ParseWithLength(payload, length);
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(desired, "version");
    if (cJSON_IsNumber(version)) {
        char topic[TOPIC_MAX];
        config_version = version->valuedouble;
        cJSON *reported = cJSON_CreateObject();
        cJSON_AddNumberToObject(reported, "version", config_version);
        topic_of(own, "config/reported", NULL, topic);
        outbox_put_json(topic, reported);
    }
    cJSON_Delete(desired);
}

void commands_work(void)
{
    for (struct task **link = &tasks; *link != NULL;) {
        struct task *task = *link;
        if (task->lasts || now_s() < task->done_at) {
            link = &task->next;
            continue;
        }
        answer(task->command_id, "succeeded", NULL, result_here());
        *link = task->next;
        free(task);
    }
}
