/* Counts what a launch does on the network: this program's own socket() and getaddrinfo() come before those of the C library,
   also for the calls of libfhir_ehr.
   Arguments: CONFIG, ORGANIZATION or -, QUERY. Prints the result, the number of sockets and the number of name lookups. */
#include "host.h"

#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <sys/socket.h>

static atomic_int sockets, lookups;

int socket(int domain, int type, int protocol)
{
    int (*real)(int, int, int);
    *(void **)(&real) = dlsym(RTLD_NEXT, "socket");
    atomic_fetch_add(&sockets, 1);
    return real(domain, type, protocol);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)(&real) = dlsym(RTLD_NEXT, "getaddrinfo");
    atomic_fetch_add(&lookups, 1);
    return real(node, service, hints, found);
}

int main(int argc, char **argv)
{
    struct memory *memory = calloc(1, sizeof *memory);
    fhir_ehr_store store = memory_store(memory);
    fhir_ehr_access access = allow_all();
    fhir_ehr_core *core = NULL;
    fhir_ehr_client *client = NULL;
    fhir_ehr_text *text = NULL;
    fhir_ehr_error *error = NULL;
    fhir_ehr_status status;

    CHECK(argc == 4 && memory != NULL);
    OK(fhir_ehr_core_from_file(TEXT(argv[1]), &core, &error));
    OK(fhir_ehr_client_new(core, &client, &error));
    OK(fhir_ehr_client_set_access(client, &access, &error));
    OK(fhir_ehr_client_set_store(client, &store, &error));
    if (strcmp(argv[2], "-") == 0)
        status = fhir_ehr_client_handle_launch(client, TEXT(argv[3]), TEXT("session-1"),
                                               TEXT("https://app.example/ehr.php"), &text, &error);
    else
        status = fhir_ehr_client_handle_organization_launch(client, TEXT(argv[2]), TEXT(argv[3]), TEXT("session-1"),
                                                            TEXT("https://app.example/ehr.php"), &text, &error);
    printf("%s %d %d\n", status == 0 ? "ok" : fhir_ehr_error_name(error), atomic_load(&sockets), atomic_load(&lookups));
    fhir_ehr_text_free(text);
    fhir_ehr_error_free(error);
    fhir_ehr_client_free(client);
    fhir_ehr_core_free(core);
    memory_free(memory);
    return 0;
}
