/* A patrol terminal in C: what its parts know of one another.
 *
 * The contract is docs/wire.md. One thread, one loop: main.c turns it, line.c holds the MQTT session,
 * outbox.c keeps messages until the broker has them, answers.c keeps what was answered to commands,
 * commands.c obeys them, samples.c tells positions. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { TOPIC_MAX = 256, ID_MAX = 65, INSTANT_MAX = 40, PATH_MAX_LEN = 512 };

struct settings {
    const char *host;
    int port;
    const char *ca_file;  /* NULL: without TLS */
    const char *district; /* administrative code, for example 530303 */
    const char *device_id;
    char password[256];
    const char *state_folder; /* outbox and answers live here, across restarts */
    double lon, lat;          /* degrees, WGS-84 */
    double interval_s;        /* between samples */
    double work_s;            /* how long a task takes */
};

/* words.c: instants, ids, topics, files. */
void instant_of(double epoch_s, char out[INSTANT_MAX]); /* RFC 3339, UTC, milliseconds */
double now_s(void);                                     /* seconds since 1970, by this clock */
double instant_read(const char *text);                  /* seconds since 1970; -1 if it is none */
void random_uuid(char out[37]);
void topic_of(const struct settings *settings, const char *leaf, const char *tail, char out[TOPIC_MAX]);
bool write_file(const char *path, const char *text, size_t length); /* whole or not at all */
char *read_file(const char *path, size_t *length);                  /* to be freed; NULL without one */
void make_folder(const char *path);

/* outbox.c: QoS 1 messages that outlive a broken line and a restart. */
void outbox_open(const struct settings *settings);
void outbox_put(const char *topic, const char *payload);
void outbox_put_json(const char *topic, cJSON *document); /* frees the document */
void outbox_send(void);                   /* hand the oldest waiting ones to the line */
void outbox_taken(int mid, int reason);   /* the broker answered */
void outbox_send_again(void);             /* the hub is new: all that was first sent lately */
size_t outbox_waiting(void);

/* line.c: the MQTT 5 session. */
bool line_open(const struct settings *settings, const char *boot_id);
void line_turn(int wait_ms); /* receive, keep alive, reconnect */
bool line_is_up(void);
int line_publish(const char *topic, const char *payload, size_t length); /* the mid; -1 if it can't */
void line_close(void);

/* answers.c: the last answer to each command, across restarts. */
void answers_open(const struct settings *settings); /* what was unfinished has failed by the restart */
bool answer_again(const char *command_id); /* send the last one again; false for a new command */
/* `reason` and `result` may be NULL; the result is consumed. */
void answer(const char *command_id, const char *state, const char *reason, cJSON *result);

/* commands.c */
void commands_open(const struct settings *settings);
void command_came(const char *command_id, const char *payload, size_t length);
void config_came(const char *payload, size_t length);
void commands_work(void); /* go on with tasks whose time has come */

/* samples.c */
void samples_open(const struct settings *settings, const char *boot_id);
void samples_work(void);        /* take one if it is time */
void sample_now(void);          /* for `locate` */
cJSON *place_now(void);

void log_line(const char *did, const char *what);

#endif
