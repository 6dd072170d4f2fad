/* Positions: a walk in a small circle, one sample every interval. */
#include "terminal.h"

#include <math.h>
#include <stdio.h>

static const struct settings *own;
static const char *boot;
static unsigned long seq;
static double next_at;

void samples_open(const struct settings *settings, const char *boot_id)
{
    own = settings;
    boot = boot_id;
}

/* Twenty steps north and back again, a metre each. */
static double north_m(void)
{
    unsigned long step = seq % 40;
    return step < 20 ? (double)step : (double)(40 - step);
}

static double lat_now(void)
{
    return own->lat + north_m() / 111320.0; /* metres of a degree of latitude */
}

cJSON *place_now(void)
{
    cJSON *place = cJSON_CreateObject();
    cJSON_AddNumberToObject(place, "lon", own->lon);
    cJSON_AddNumberToObject(place, "lat", lat_now());
    cJSON_AddNumberToObject(place, "accuracy_m", 6);
    return place;
}

void sample_now(void)
{
    char at[INSTANT_MAX], topic[TOPIC_MAX];
    instant_of(now_s(), at);
    seq++;
    cJSON *sample = place_now();
    cJSON_AddStringToObject(sample, "boot_id", boot);
    cJSON_AddNumberToObject(sample, "seq", (double)seq);
    cJSON_AddStringToObject(sample, "observed_at", at);
    cJSON_AddNumberToObject(sample, "speed", 1.0);
    cJSON_AddNumberToObject(sample, "battery", 80);
    cJSON *samples = cJSON_CreateArray();
    cJSON_AddItemToArray(samples, sample);
    /* What is recorded while the line is down never moves the marker. */
    topic_of(own, line_is_up() ? "telemetry" : "backlog", NULL, topic);
    outbox_put_json(topic, samples);
}

void samples_work(void)
{
    if (now_s() < next_at)
        return;
    sample_now();
    next_at = now_s() + own->interval_s;
}
