/* A patrol terminal, by docs/wire.md alone: see README.md. */
#include "terminal.h"

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t told_to_stop;
static struct settings settings = {
    .host = "127.0.0.1", .port = 1883, .district = "530303", .lon = 103.8216, .lat = 25.6043,
    .interval_s = 10.0, .work_s = 5.0,
};

static void stop(int number)
{
    (void)number;
    told_to_stop = 1;
}

static void usage(FILE *out)
{
    fputs("usage: terminal --id ID --password-file FILE --state FOLDER [options]\n"
          "  --host HOST, --port PORT   the broker (127.0.0.1, 1883)\n"
          "  --ca FILE                  certificate of the authority; turns TLS on\n"
          "  --district CODE            530303\n"
          "  --place LON,LAT            where it walks up and down\n"
          "  --interval SECONDS         between positions (10)\n"
          "  --work SECONDS             that a task takes (5)\n"
          "Standard input: `sos TEXT`, `checkin`, `report CATEGORY CONDITION TEXT`.\n",
          out);
}

static void read_password(const char *path)
{
    size_t length;
    char *text = read_file(path, &length);
    if (text == NULL) {
        fprintf(stderr, "cannot read the password in %s\n", path);
        exit(2);
    }
    text[strcspn(text, "\r\n")] = '\0';
    snprintf(settings.password, sizeof settings.password, "%s", text);
    free(text);
}

static void read_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"id", 1, NULL, 'i'},       {"password-file", 1, NULL, 'w'}, {"state", 1, NULL, 's'},
        {"host", 1, NULL, 'h'},     {"port", 1, NULL, 'p'},          {"ca", 1, NULL, 'c'},
        {"district", 1, NULL, 'd'}, {"place", 1, NULL, 'l'},         {"interval", 1, NULL, 'n'},
        {"work", 1, NULL, 'k'},     {"help", 0, NULL, '?'},          {NULL, 0, NULL, 0},
    };
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (option) {
        case 'i': settings.device_id = optarg; break;
        case 'w': read_password(optarg); break;
        case 's': settings.state_folder = optarg; break;
        case 'h': settings.host = optarg; break;
        case 'p': settings.port = atoi(optarg); break;
        case 'c': settings.ca_file = optarg; break;
        case 'd': settings.district = optarg; break;
        case 'n': settings.interval_s = atof(optarg); break;
        case 'k': settings.work_s = atof(optarg); break;
        case 'l':
            if (sscanf(optarg, "%lf,%lf", &settings.lon, &settings.lat) == 2)
                break;
            /* fall through */
        default: usage(stderr); exit(2);
        }
    }
    if (settings.device_id == NULL || settings.state_folder == NULL || settings.password[0] == '\0') {
        usage(stderr);
        exit(2);
    }
}

/* An event of the holder. `category` and `condition` may be NULL. */
static void tell(const char *type, const char *category, const char *condition, const char *text)
{
    char event_id[37], at[INSTANT_MAX], topic[TOPIC_MAX];
    random_uuid(event_id);
    instant_of(now_s(), at);
    cJSON *event = cJSON_CreateObject();
    cJSON_AddStringToObject(event, "event_id", event_id);
    cJSON_AddStringToObject(event, "type", type);
    cJSON_AddStringToObject(event, "observed_at", at);
    cJSON_AddItemToObject(event, "place", place_now());
    cJSON_AddStringToObject(event, "text", text);
    if (category != NULL)
        cJSON_AddStringToObject(event, "category", category);
    if (condition != NULL)
        cJSON_AddStringToObject(event, "condition", condition);
    topic_of(&settings, "events", NULL, topic);
    outbox_put_json(topic, event);
    log_line(type, event_id);
}

static void holder_said(char *said)
{
    char *rest = said, *word = strsep(&rest, " ");
    if (strcmp(word, "sos") == 0)
        tell("sos", NULL, NULL, rest ? rest : "");
    else if (strcmp(word, "checkin") == 0)
        tell("checkin", NULL, NULL, "");
    else if (strcmp(word, "report") == 0) {
        char *category = strsep(&rest, " "), *condition = strsep(&rest, " ");
        tell("report", category, condition, rest ? rest : "");
    } else if (*word != '\0')
        log_line("not_understood", word);
}

/* The lines on standard input, as far as they have come. Returns false at its end. */
static bool listen_to_holder(void)
{
    static char line[512];
    static size_t used;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&input, 1, 0) <= 0)
        return true;
    ssize_t got = read(STDIN_FILENO, line + used, sizeof line - 1 - used);
    if (got <= 0)
        return false;
    used += (size_t)got;
    line[used] = '\0';
    for (char *end; (end = strchr(line, '\n')) != NULL;) {
        *end = '\0';
        holder_said(line);
        used -= (size_t)(end + 1 - line);
        memmove(line, end + 1, used + 1);
    }
    if (used == sizeof line - 1)
        used = 0; /* longer than any line that means something */
    return true;
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    char boot_id[37];
    random_uuid(boot_id);
    make_folder(settings.state_folder);
    outbox_open(&settings);
    answers_open(&settings);
    commands_open(&settings);
    samples_open(&settings, boot_id);
    if (!line_open(&settings, boot_id)) {
        fputs("cannot prepare the MQTT client\n", stderr);
        return 2;
    }
    bool holder_is_there = true;
    while (!told_to_stop) {
        holder_is_there = holder_is_there && listen_to_holder();
        commands_work();
        samples_work();
        outbox_send();
        line_turn(50);
    }
    line_close();
    return 0;
}
