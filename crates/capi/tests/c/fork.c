/* What must hold in the parent and in the child of a fork. Arguments: MODE CONFIG ...
   echo CONFIG PATIENTS PULLS: parent and child pull different patients over one inherited client.
   random CONFIG: eight children and their parent begin sign-ins; the addresses are printed.
   seal CONFIG COUNT FILE FILE: two processes seal records; the salts are written down.
   free CONFIG: a child frees what it inherited; the parent goes on.
   inside CONFIG: a thread is inside the client at the moment of the fork. */
#include "host.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#define REDIRECT "https://app.example/ehr.php"

static fhir_ehr_core *core;

static fhir_ehr_client *new_client(struct memory *memory)
{
    fhir_ehr_client *client = NULL;
    fhir_ehr_access access = allow_all();
    OK(fhir_ehr_client_new(core, &client, &error));
    OK(fhir_ehr_client_set_access(client, &access, &error));
    if (memory != NULL) {
        fhir_ehr_store store = memory_store(memory);
        OK(fhir_ehr_client_set_store(client, &store, &error));
    }
    return client;
}

static int threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    int count = 0;
    struct dirent *entry;
    CHECK(folder != NULL);
    while ((entry = readdir(folder)) != NULL) count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

/* Pulls patient number N with the system account, and checks which patient the answer is about. */
static void pull(fhir_ehr_client *client, int number)
{
    char request[1024], expected[64], value[32];
    fhir_ehr_rows *rows = NULL;
    const char *data;
    size_t length;
    snprintf(request, sizeof request,
             "{\"system\":true,\"source\":\"sim\",\"project\":{\"id\":\"p\",\"environment\":\"sandbox\",\"system_"
             "account\":true},"
             "\"record\":\"%d\",\"mrn\":\"M-%d\",\"mapping\":\"external_source_field_name,"
             "is_record_identifier,field_name,temporal_field,preselect,event_name\\n29463-7,,w,,,\\n\"}",
             number, number);
    OK(fhir_ehr_client_pull(client, TEXT(request), &rows, &error));
    snprintf(expected, sizeof expected, "\"patient_id\":\"p%d\"", number);
    CHECK(strstr(fhir_ehr_rows_report(rows), expected) != NULL);
    CHECK(fhir_ehr_rows_count(rows) == 1);
    OK(fhir_ehr_rows_get(rows, 0, FHIR_EHR_ROW_VALUE, &data, &length, &error));
    snprintf(value, sizeof value, "%d.50", 1000 + number);
    CHECK(strcmp(data, value) == 0);
    fhir_ehr_rows_free(rows);
}

static void wait_for(int children)
{
    while (children-- > 0) {
        int status = 0;
        CHECK(wait(&status) > 0);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

static void echo(int patients, int pulls)
{
    fhir_ehr_client *client = new_client(NULL);
    int half = patients / 2, round, i, most = 0;
    for (round = 0; round < 20; round++) {
        pid_t child;
        pull(client, 0); /* warm: connections, SQLite file */
        child = fork();
        CHECK(child >= 0);
        for (i = 0; i < pulls; i++) { pull(client, (child == 0 ? half : 0) + (round * pulls + i) % half); }
        if (threads() > most) most = threads();
        CHECK(most <= 2);
        if (child == 0) {
            fhir_ehr_client_free(client);
            fhir_ehr_core_free(core);
            _exit(0);
        }
        wait_for(1);
        pull(client, 1);
    }
    printf("pulls: %d, threads at most: %d\n", 20 * 2 * pulls, most);
    fhir_ehr_client_free(client);
}

static void sign_in(fhir_ehr_client *client, int print)
{
    fhir_ehr_text *text = NULL;
    OK(fhir_ehr_client_sign_in(client, TEXT("sim"), TEXT("alice"), TEXT("s"), TEXT(REDIRECT), &text, &error));
    if (print) {
        /* One write: nine processes share this pipe. */
        char line[4096];
        int length = snprintf(line, sizeof line, "%s\n", fhir_ehr_text_data(text));
        CHECK(length < (int)sizeof line && write(1, line, (size_t)length) == length);
    }
    fhir_ehr_text_free(text);
}

static void randomness(void)
{
    struct memory *memory = calloc(1, sizeof *memory);
    fhir_ehr_client *client = new_client(memory);
    int child, i;
    CHECK(memory != NULL);
    sign_in(client, 1);
    for (child = 0; child < 8; child++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            for (i = 0; i < 20; i++) sign_in(client, 1);
            _exit(0);
        }
    }
    wait_for(8);
    for (i = 0; i < 20; i++) sign_in(client, 1);
    fhir_ehr_client_free(client);
    memory_free(memory);
}

static FILE *salts;

/* A sealed record is version, length of the key's id, the id, the salt of 16 bytes, ciphertext. */
static int32_t note_salt(void *user_data, const fhir_ehr_stored_record *const *parts, size_t count)
{
    (void)user_data;
    CHECK(count == 1 && parts[0]->sealed[0] == 1 && parts[0]->sealed_length > 64);
    CHECK(fwrite(parts[0]->sealed + 2 + parts[0]->sealed[1], 1, 16, salts) == 16);
    return FHIR_EHR_HOOK_DONE;
}

static void seal(int count, const char *of_parent, const char *of_child)
{
    struct memory *memory = calloc(1, sizeof *memory);
    fhir_ehr_client *client = NULL;
    fhir_ehr_store store = memory_store(memory);
    fhir_ehr_access access = allow_all();
    int i;
    pid_t child;
    CHECK(memory != NULL);
    store.write = note_salt;
    OK(fhir_ehr_client_new(core, &client, &error));
    OK(fhir_ehr_client_set_access(client, &access, &error));
    OK(fhir_ehr_client_set_store(client, &store, &error));
    salts = fopen("/dev/null", "wb");
    sign_in(client, 0); /* warm */
    fclose(salts);
    child = fork();
    CHECK(child >= 0);
    salts = fopen(child == 0 ? of_child : of_parent, "wb");
    CHECK(salts != NULL);
    for (i = 0; i < count; i++) sign_in(client, 0);
    CHECK(fclose(salts) == 0);
    if (child == 0) _exit(0);
    wait_for(1);
    fhir_ehr_client_free(client);
    memory_free(memory);
}

static void free_in_child(void)
{
    fhir_ehr_client *client = new_client(NULL);
    int i;
    pull(client, 0);
    for (i = 0; i < 10; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            fhir_ehr_client_free(client);
            fhir_ehr_core_free(core);
            _exit(0);
        }
        wait_for(1);
        pull(client, 1);
    }
    fhir_ehr_client_free(client);
}

static int entered[2], leave[2];

/* Stays in the hook until a byte arrives. */
static int32_t linger(void *user_data, const char *user, size_t user_length, const char *project, size_t project_length,
                      uint32_t action)
{
    char byte = 0;
    (void)user_data, (void)user, (void)user_length, (void)project, (void)project_length, (void)action;
    CHECK(write(entered[1], &byte, 1) == 1);
    CHECK(read(leave[0], &byte, 1) == 1);
    return FHIR_EHR_HOOK_DONE;
}

static void *look(void *client)
{
    fhir_ehr_rows *rows = NULL;
    OK(fhir_ehr_client_staged(client, TEXT("alice"), TEXT("p"), NULL, 0, &rows, &error));
    fhir_ehr_rows_free(rows);
    return NULL;
}

static void call_in_child(void)
{
    struct memory *memory = calloc(1, sizeof *memory);
    fhir_ehr_client *client = NULL;
    fhir_ehr_store store = memory_store(memory);
    fhir_ehr_access access = {0};
    pthread_t thread;
    pid_t child;
    size_t count = 0;
    char byte = 0;
    CHECK(memory != NULL && pipe(entered) == 0 && pipe(leave) == 0);
    access.struct_size = sizeof access;
    access.allows = linger;
    OK(fhir_ehr_client_new(core, &client, &error));
    OK(fhir_ehr_client_set_store(client, &store, &error));
    OK(fhir_ehr_client_set_access(client, &access, &error));
    CHECK(pthread_create(&thread, NULL, look, client) == 0);
    CHECK(read(entered[0], &byte, 1) == 1);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        /* The thread that uses the client does not exist in this process, so it would never leave the client. */
        FAILS(FHIR_EHR_E_BUSY, fhir_ehr_client_purge_expired(client, &count, &error));
        fhir_ehr_client_free(client);
        _exit(0);
    }
    wait_for(1);
    CHECK(write(leave[1], &byte, 1) == 1);
    OK(fhir_ehr_client_purge_expired(client, &count, &error)); /* waits for the thread */
    CHECK(pthread_join(thread, NULL) == 0);
    fhir_ehr_client_free(client);
    memory_free(memory);
}

int main(int argc, char **argv)
{
    CHECK(argc >= 3);
    alarm(120); /* a hang is a failure, not a wait */
    OK(fhir_ehr_core_from_file(TEXT(argv[2]), &core, &error));
    if (strcmp(argv[1], "echo") == 0)
        echo(atoi(argv[3]), atoi(argv[4]));
    else if (strcmp(argv[1], "random") == 0)
        randomness();
    else if (strcmp(argv[1], "seal") == 0)
        seal(atoi(argv[3]), argv[4], argv[5]);
    else if (strcmp(argv[1], "free") == 0)
        free_in_child();
    else if (strcmp(argv[1], "in-use") == 0)
        call_in_child();
    else
        CHECK(!"a mode");
    fhir_ehr_core_free(core);
    return 0;
}
