/* The MQTT 5 session: birth, last will, commands, the hub's births, and coming back. */
#include "terminal.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEEP_ALIVE_S = 30, SESSION_S = 24 * 3600, QOS = 1 };

static const double LONGEST_BACK_OFF_S = 30.0;

static const struct settings *own;
static const char *boot;
static struct mosquitto *client;
static bool up;
static double try_at, back_off_s = 0.5;
static char hub_started_at[INSTANT_MAX];
static char hub_topic[TOPIC_MAX], config_topic[TOPIC_MAX], commands_filter[TOPIC_MAX];

static char *status_json(const char *state)
{
    cJSON *status = cJSON_CreateObject();
    cJSON_AddStringToObject(status, "state", state);
    cJSON_AddStringToObject(status, "boot_id", boot);
    if (strcmp(state, "online") == 0) {
        char at[INSTANT_MAX];
        instant_of(now_s(), at);
        cJSON_AddStringToObject(status, "at", at);
        cJSON_AddStringToObject(status, "firmware", "reference-c 1.0");
        cJSON_AddStringToObject(status, "contract", "1.1.0");
        cJSON_AddItemToObject(status, "capabilities", cJSON_CreateArray());
    }
    char *text = cJSON_PrintUnformatted(status);
    cJSON_Delete(status);
    if (text == NULL)
        abort();
    return text;
}

/* The broker retains it, so that it needs no outbox. */
static void announce(const char *state)
{
    char topic[TOPIC_MAX], *payload = status_json(state);
    topic_of(own, "status", NULL, topic);
    mosquitto_publish_v5(client, NULL, topic, (int)strlen(payload), payload, QOS, true, NULL);
    cJSON_free(payload);
}

static void on_connect(struct mosquitto *m, void *unused, int reason, int flags, const mosquitto_property *p)
{
    (void)unused, (void)flags, (void)p;
    if (reason != 0) {
        log_line("refused", mosquitto_reason_string(reason));
        return;
    }
    announce("online");
    char *filters[] = {commands_filter, config_topic, hub_topic};
    mosquitto_subscribe_multiple(m, NULL, 3, filters, QOS, 0, NULL);
    up = true;
    back_off_s = 0.5;
    log_line("connected", own->host);
}

static void on_disconnect(struct mosquitto *m, void *unused, int reason, const mosquitto_property *p)
{
    (void)m, (void)unused, (void)p;
    if (up)
        log_line("cut_off", mosquitto_reason_string(reason));
    up = false;
}

static void on_publish(struct mosquitto *m, void *unused, int mid, int reason, const mosquitto_property *p)
{
    (void)m, (void)unused, (void)p;
    outbox_taken(mid, reason);
}

/* A new start of the hub: announce again, and send what it may have missed. */
static void follow_hub(const char *payload, size_t length, bool retained)
{
    cJSON *status = cJSON_ParseWithLength(payload, length);
    const cJSON *started = cJSON_GetObjectItemCaseSensitive(status, "started_at");
    if (cJSON_IsString(started) && strcmp(started->valuestring, hub_started_at) != 0) {
        bool first = hub_started_at[0] == '\0';
        snprintf(hub_started_at, sizeof hub_started_at, "%s", started->valuestring);
        if (!(first && retained)) {
            announce("online");
            outbox_send_again();
            log_line("announced_again", hub_started_at);
        }
    }
    cJSON_Delete(status);
}

static void on_message(struct mosquitto *m, void *unused, const struct mosquitto_message *message,
                       const mosquitto_property *p)
{
    (void)m, (void)unused, (void)p;
    const char *payload = message->payload ? message->payload : "";
    size_t length = (size_t)message->payloadlen, prefix = strlen(commands_filter) - 1;
    if (strcmp(message->topic, hub_topic) == 0)
        follow_hub(payload, length, message->retain);
    else if (strcmp(message->topic, config_topic) == 0)
        config_came(payload, length);
    else if (strncmp(message->topic, commands_filter, prefix) == 0)
        command_came(message->topic + prefix, payload, length);
}

static bool prepare(void)
{
    char topic[TOPIC_MAX], *will = status_json("offline");
    mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_connect_v5_callback_set(client, on_connect);
    mosquitto_disconnect_v5_callback_set(client, on_disconnect);
    mosquitto_publish_v5_callback_set(client, on_publish);
    mosquitto_message_v5_callback_set(client, on_message);
    topic_of(own, "status", NULL, topic);
    bool ready =
        mosquitto_username_pw_set(client, own->device_id, own->password) == MOSQ_ERR_SUCCESS &&
        mosquitto_will_set_v5(client, topic, (int)strlen(will), will, QOS, true, NULL) == MOSQ_ERR_SUCCESS &&
        (own->ca_file == NULL ||
         mosquitto_tls_set(client, own->ca_file, NULL, NULL, NULL, NULL) == MOSQ_ERR_SUCCESS);
    cJSON_free(will);
    return ready;
}

bool line_open(const struct settings *settings, const char *boot_id)
{
    own = settings;
    boot = boot_id;
    snprintf(hub_topic, sizeof hub_topic, "patrol/v1/%s/hub/status", own->district);
    topic_of(own, "config/desired", NULL, config_topic);
    topic_of(own, "commands", "+", commands_filter);
    mosquitto_lib_init();
    client = mosquitto_new(own->device_id, false, NULL); /* false: the broker keeps our commands */
    return client != NULL && prepare();
}

static void connect_now(void)
{
    mosquitto_property *properties = NULL;
    mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, SESSION_S);
    int rc = mosquitto_connect_bind_v5(client, own->host, own->port, KEEP_ALIVE_S, NULL, properties);
    mosquitto_property_free_all(&properties);
    if (rc != MOSQ_ERR_SUCCESS) {
        log_line("no_broker", mosquitto_strerror(rc));
    }
    back_off_s = back_off_s * 2 < LONGEST_BACK_OFF_S ? back_off_s * 2 : LONGEST_BACK_OFF_S;
    try_at = now_s() + back_off_s;
}

void line_turn(int wait_ms)
{
    int rc = mosquitto_loop(client, wait_ms, 1);
    if (rc == MOSQ_ERR_SUCCESS)
        return;
    if (up) { /* broken without a word */
        up = false;
        log_line("cut_off", mosquitto_strerror(rc));
    }
    if (now_s() >= try_at)
        connect_now();
    else
        usleep((useconds_t)wait_ms * 1000);
}

bool line_is_up(void)
{
    return up;
}

int line_publish(const char *topic, const char *payload, size_t length)
{
    int mid;
    bool retain = strstr(topic, "/config/reported") != NULL;
    int rc = mosquitto_publish_v5(client, &mid, topic, (int)length, payload, QOS, retain, NULL);
    return rc == MOSQ_ERR_SUCCESS ? mid : -1;
}

void line_close(void)
{
    if (up) {
        announce("offline");
        for (int i = 0; i < 20; i++)
            mosquitto_loop(client, 10, 1);
        mosquitto_disconnect_v5(client, 0, NULL);
    }
    mosquitto_destroy(client);
    mosquitto_lib_cleanup();
}
