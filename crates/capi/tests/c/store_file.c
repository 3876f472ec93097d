/* A store of the host in C: one file, rewritten as a whole under a lock, for many processes. */
#include "store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HOOK_FAILED (-1)

/* The texts of a row. A lease is a row without a kind: its key is the name, its organization the holder. */
enum { KIND, KEY, ORGANIZATION, PROJECT, SUBJECT, STATE, SEALED, TEXTS };

struct text {
    const char *data;
    size_t length;
};

struct row {
    struct text texts[TEXTS];
    int64_t version; /* of a lease: its fence */
    int64_t until;   /* by this machine's clock, or FHIR_EHR_NEVER */
};

/* The header of a row in the file; its texts follow. */
struct head {
    uint64_t lengths[TEXTS];
    int64_t version, until;
};

struct file_store {
    char *path, *fresh, *lock, *folder;
    size_t conflict;
};

/* The content of the file, while the lock is held. Texts point into `bytes`, or to the hook's parameters. */
struct all {
    int lock;
    char *bytes;
    struct row *rows;
    size_t count, room;
    int64_t now;
};

static struct text text_of(const char *data, size_t length)
{
    struct text text = {data, length};
    return text;
}

/* Compares byte by byte, like memcmp(). */
static int compare(struct text one, struct text other)
{
    size_t shorter = one.length < other.length ? one.length : other.length;
    int said = shorter == 0 ? 0 : memcmp(one.data, other.data, shorter);
    return said != 0 ? said : (one.length > other.length) - (one.length < other.length);
}

static int same(struct text one, struct text other)
{
    return compare(one, other) == 0;
}

/* ---- the file ---- */

static int add(struct all *all, struct row row)
{
    if (all->count == all->room) {
        size_t room = 2 * all->room + 64;
        struct row *rows = realloc(all->rows, room * sizeof *rows);
        if (rows == NULL) return 0;
        all->rows = rows;
        all->room = room;
    }
    all->rows[all->count++] = row;
    return 1;
}

static int parse(struct all *all, size_t length)
{
    const char *next = all->bytes, *end = all->bytes + length;
    while (next != end) {
        struct head head;
        struct row row;
        int i;
        if ((size_t)(end - next) < sizeof head) return 0;
        memcpy(&head, next, sizeof head);
        next += sizeof head;
        row.version = head.version;
        row.until = head.until;
        for (i = 0; i < TEXTS; i++) {
            if ((size_t)(end - next) < head.lengths[i]) return 0;
            row.texts[i] = text_of(next, head.lengths[i]);
            next += head.lengths[i];
        }
        if (!add(all, row)) return 0;
    }
    return 1;
}

static int read_file(struct file_store *store, struct all *all)
{
    struct stat about;
    FILE *file = fopen(store->path, "rbe");
    size_t length;
    int done;
    if (file == NULL) return errno == ENOENT;
    if (fstat(fileno(file), &about) != 0 || (all->bytes = malloc((size_t)about.st_size + 1)) == NULL) {
        fclose(file);
        return 0;
    }
    length = fread(all->bytes, 1, (size_t)about.st_size, file);
    done = length == (size_t)about.st_size && parse(all, length);
    return (fclose(file) == 0) & done;
}

static void end(struct all *all)
{
    free(all->bytes);
    free(all->rows);
    if (all->lock >= 0) close(all->lock); /* gives the lock back */
}

/* Waits for the lock and reads everything. */
static int begin(struct file_store *store, struct all *all)
{
    int said;
    memset(all, 0, sizeof *all);
    all->lock = open(store->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (all->lock < 0) return 0;
    do said = flock(all->lock, LOCK_EX);
    while (said != 0 && errno == EINTR);
    all->now = (int64_t)time(NULL);
    if (said == 0 && read_file(store, all)) return 1;
    end(all);
    return 0;
}

static int write_row(FILE *file, const struct row *row)
{
    struct head head;
    int i;
    for (i = 0; i < TEXTS; i++) head.lengths[i] = row->texts[i].length;
    head.version = row->version;
    head.until = row->until;
    if (fwrite(&head, sizeof head, 1, file) != 1) return 0;
    for (i = 0; i < TEXTS; i++) {
        struct text text = row->texts[i];
        if (text.length != 0 && fwrite(text.data, text.length, 1, file) != 1) return 0;
    }
    return 1;
}

/* The new name of the file survives a crash as well. */
static int sync_folder(const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int done = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0) close(folder);
    return done;
}

/* Replaces the file by what is in memory. Until the rename, the old file remains. */
static int keep(struct file_store *store, const struct all *all)
{
    FILE *file = fopen(store->fresh, "wbe");
    size_t i;
    int done = file != NULL;
    for (i = 0; done && i < all->count; i++) done = write_row(file, &all->rows[i]);
    done = done && fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (file != NULL && fclose(file) != 0) done = 0;
    if (done && rename(store->fresh, store->path) == 0) return sync_folder(store->folder);
    unlink(store->fresh); /* a full disk gets its room back */
    return 0;
}

/* ---- the hooks ---- */

static int alive(const struct all *all, const struct row *row)
{
    return row->until == FHIR_EHR_NEVER || row->until > all->now;
}

static int64_t until(const struct all *all, int64_t seconds)
{
    if (seconds == FHIR_EHR_NEVER) return FHIR_EHR_NEVER;
    return seconds > INT64_MAX - all->now ? INT64_MAX : all->now + seconds;
}

static struct row *find(struct all *all, struct text kind, struct text key)
{
    size_t i;
    for (i = 0; i < all->count; i++) {
        struct row *row = &all->rows[i];
        if (same(row->texts[KIND], kind) && same(row->texts[KEY], key)) return row;
    }
    return NULL;
}

static int give(const struct all *all, const struct row *row, fhir_ehr_sink *sink)
{
    fhir_ehr_stored_record record = {0};
    record.struct_size = sizeof record;
    record.kind = row->texts[KIND].data;
    record.kind_length = row->texts[KIND].length;
    record.key = row->texts[KEY].data;
    record.key_length = row->texts[KEY].length;
    record.organization = row->texts[ORGANIZATION].data;
    record.organization_length = row->texts[ORGANIZATION].length;
    record.project = row->texts[PROJECT].data;
    record.project_length = row->texts[PROJECT].length;
    record.subject = row->texts[SUBJECT].data;
    record.subject_length = row->texts[SUBJECT].length;
    record.state = row->texts[STATE].data;
    record.state_length = row->texts[STATE].length;
    record.expires_in = row->until == FHIR_EHR_NEVER ? FHIR_EHR_NEVER : row->until - all->now;
    record.version = row->version;
    record.sealed = (const uint8_t *)row->texts[SEALED].data;
    record.sealed_length = row->texts[SEALED].length;
    return fhir_ehr_sink_stored_record(sink, &record) == 0;
}

static int32_t store_get(void *user_data, const char *kind, size_t kind_length, const char *key, size_t key_length,
                         fhir_ehr_sink *sink)
{
    struct all all;
    const struct row *row;
    int done;
    if (!begin(user_data, &all)) return HOOK_FAILED;
    row = find(&all, text_of(kind, kind_length), text_of(key, key_length));
    done = row == NULL || !alive(&all, row) || give(&all, row, sink);
    end(&all);
    return done ? FHIR_EHR_HOOK_DONE : HOOK_FAILED;
}

/* One part of a batch, in memory. */
static int32_t apply(struct all *all, const fhir_ehr_stored_record *part)
{
    struct text kind = text_of(part->kind, part->kind_length), key = text_of(part->key, part->key_length);
    struct row *found = find(all, kind, key), row;
    if ((found != NULL && alive(all, found) ? found->version : 0) != part->version) return FHIR_EHR_HOOK_NO;
    if (part->operation == FHIR_EHR_DELETE) {
        if (found != NULL) *found = all->rows[--all->count];
        return FHIR_EHR_HOOK_DONE;
    }
    if (part->operation != FHIR_EHR_PUT) return HOOK_FAILED;
    row.texts[KIND] = kind;
    row.texts[KEY] = key;
    row.texts[ORGANIZATION] = text_of(part->organization, part->organization_length);
    row.texts[PROJECT] = text_of(part->project, part->project_length);
    row.texts[SUBJECT] = text_of(part->subject, part->subject_length);
    row.texts[STATE] = text_of(part->state, part->state_length);
    row.texts[SEALED] = text_of((const char *)part->sealed, part->sealed_length);
    row.version = part->version + 1;
    row.until = until(all, part->expires_in);
    if (found == NULL) return add(all, row) ? FHIR_EHR_HOOK_DONE : HOOK_FAILED;
    *found = row;
    return FHIR_EHR_HOOK_DONE;
}

static int32_t store_write(void *user_data, const fhir_ehr_stored_record *const *parts, size_t count)
{
    struct file_store *store = user_data;
    struct all all;
    int32_t said = FHIR_EHR_HOOK_DONE;
    size_t i;
    if (!begin(store, &all)) return HOOK_FAILED;
    for (i = 0; i < count && said == FHIR_EHR_HOOK_DONE; i++) said = apply(&all, parts[i]);
    if (said == FHIR_EHR_HOOK_NO) store->conflict = i - 1;
    if (said == FHIR_EHR_HOOK_DONE && !keep(store, &all)) said = HOOK_FAILED;
    end(&all);
    return said;
}

static int by_key(const void *one, const void *other)
{
    return compare(((const struct row *)one)->texts[KEY], ((const struct row *)other)->texts[KEY]);
}

/* Whether a column has the expected text; NULL: any. */
static int fits(struct text column, const char *expected, size_t length)
{
    return expected == NULL || same(column, text_of(expected, length));
}

static int32_t store_scan(void *user_data, const fhir_ehr_query *query, fhir_ehr_sink *sink)
{
    struct all all;
    struct text after = text_of(query->after, query->after_length);
    size_t i, given = 0;
    int done = 1;
    if (!begin(user_data, &all)) return HOOK_FAILED;
    if (all.count != 0) qsort(all.rows, all.count, sizeof all.rows[0], by_key);
    for (i = 0; done && i < all.count && given < query->limit; i++) {
        const struct row *row = &all.rows[i];
        if (fits(row->texts[KIND], query->kind, query->kind_length) && alive(&all, row) &&
            fits(row->texts[ORGANIZATION], query->organization, query->organization_length) &&
            fits(row->texts[PROJECT], query->project, query->project_length) &&
            fits(row->texts[SUBJECT], query->subject, query->subject_length) &&
            fits(row->texts[STATE], query->state, query->state_length) &&
            (after.length == 0 || compare(row->texts[KEY], after) > 0)) {
            done = give(&all, row, sink);
            given++;
        }
    }
    end(&all);
    return done ? FHIR_EHR_HOOK_DONE : HOOK_FAILED;
}

static int32_t store_acquire_lease(void *user_data, const char *name, size_t name_length, const char *holder,
                                   size_t holder_length, int64_t seconds, int64_t *fence)
{
    struct file_store *store = user_data;
    struct all all;
    struct row *found, row = {0};
    struct text who = text_of(holder, holder_length);
    int32_t said = HOOK_FAILED;
    if (!begin(store, &all)) return HOOK_FAILED;
    row.texts[KEY] = text_of(name, name_length);
    found = find(&all, row.texts[KIND], row.texts[KEY]);
    if (found != NULL && alive(&all, found) && !same(found->texts[ORGANIZATION], who)) {
        said = FHIR_EHR_HOOK_NO;
    } else if (found != NULL || (add(&all, row) && (found = &all.rows[all.count - 1]) != NULL)) {
        found->texts[ORGANIZATION] = who;
        found->version++;
        found->until = until(&all, seconds);
        if (keep(store, &all)) {
            *fence = found->version;
            said = FHIR_EHR_HOOK_DONE;
        }
    }
    end(&all);
    return said;
}

static int32_t store_release_lease(void *user_data, const char *name, size_t name_length, const char *holder,
                                   size_t holder_length, int64_t fence)
{
    struct file_store *store = user_data;
    struct all all;
    struct row *found;
    int32_t said = FHIR_EHR_HOOK_NO;
    if (!begin(store, &all)) return HOOK_FAILED;
    found = find(&all, text_of("", 0), text_of(name, name_length));
    if (found != NULL && found->version == fence && same(found->texts[ORGANIZATION], text_of(holder, holder_length))) {
        found->until = 0; /* it stays, so that the fence keeps growing */
        said = keep(store, &all) ? FHIR_EHR_HOOK_DONE : HOOK_FAILED;
    }
    end(&all);
    return said;
}

static int32_t store_purge_expired(void *user_data, uint64_t *count)
{
    struct file_store *store = user_data;
    struct all all;
    size_t i, left = 0;
    int done = 1;
    if (!begin(store, &all)) return HOOK_FAILED;
    for (i = 0; i < all.count; i++) {
        const struct row *row = &all.rows[i];
        if (alive(&all, row) || row->texts[KIND].length == 0) all.rows[left++] = *row;
    }
    *count = all.count - left;
    if (left != all.count) {
        all.count = left;
        done = keep(store, &all);
    }
    end(&all);
    return done ? FHIR_EHR_HOOK_DONE : HOOK_FAILED;
}

/* ---- the store ---- */

void file_store_close(struct file_store *store)
{
    if (store == NULL) return;
    free(store->path);
    free(store->fresh);
    free(store->lock);
    free(store->folder);
    free(store);
}

static char *joined(const char *path, const char *more)
{
    char *text = malloc(strlen(path) + strlen(more) + 1);
    if (text != NULL) strcat(strcpy(text, path), more);
    return text;
}

struct file_store *file_store_open(const char *path)
{
    struct file_store *store = calloc(1, sizeof *store);
    char *slash;
    if (store == NULL) return NULL;
    store->path = joined(path, "");
    store->fresh = joined(path, ".new");
    store->lock = joined(path, ".lock");
    store->folder = joined(path, ".");
    if (store->path == NULL || store->fresh == NULL || store->lock == NULL || store->folder == NULL) {
        file_store_close(store);
        return NULL;
    }
    slash = strrchr(store->folder, '/');
    strcpy(slash == NULL ? store->folder : slash + 1, ".");
    return store;
}

void file_store_hooks(struct file_store *store, fhir_ehr_store *hooks)
{
    memset(hooks, 0, sizeof *hooks);
    hooks->struct_size = sizeof *hooks;
    hooks->user_data = store;
    hooks->get = store_get;
    hooks->write = store_write;
    hooks->scan = store_scan;
    hooks->acquire_lease = store_acquire_lease;
    hooks->release_lease = store_release_lease;
    hooks->purge_expired = store_purge_expired;
}

size_t file_store_conflict(const struct file_store *store)
{
    return store->conflict;
}

int32_t file_store_age(struct file_store *store, int64_t seconds)
{
    struct all all;
    size_t i;
    int done;
    if (!begin(store, &all)) return HOOK_FAILED;
    for (i = 0; i < all.count; i++) {
        if (all.rows[i].until != FHIR_EHR_NEVER) all.rows[i].until -= seconds;
    }
    done = keep(store, &all);
    end(&all);
    return done ? FHIR_EHR_HOOK_DONE : HOOK_FAILED;
}
