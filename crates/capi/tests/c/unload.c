/* After dlclose the library is unmapped, if only its pure functions were called; any other call keeps it mapped.
   Arguments: the library; `used` to call a function that is not pure. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int mapped(void)
{
    char line[4096];
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) found |= strstr(line, "fhir_ehr") != NULL;
    if (maps != NULL) fclose(maps);
    return found;
}

int main(int argc, char **argv)
{
    void *library = argc >= 2 ? dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL) : NULL;
    const char *(*version)(void);
    uint32_t (*abi_level)(void);
    int32_t (*error_table)(void **text, void **error);
    void (*text_free)(void *text);
    void *text = NULL;
    if (library == NULL || !mapped()) return 2;
    *(void **)&version = dlsym(library, "fhir_ehr_version");
    *(void **)&abi_level = dlsym(library, "fhir_ehr_abi_level");
    if (strchr(version(), '.') == NULL || abi_level() != 1) return 3;
    if (argc == 3) {
        *(void **)&error_table = dlsym(library, "fhir_ehr_error_table");
        *(void **)&text_free = dlsym(library, "fhir_ehr_text_free");
        if (error_table(&text, NULL) != 0) return 6;
        text_free(text);
    }
    if (dlclose(library) != 0) return 4;
    return mapped() == (argc == 3) ? 0 : 5;
}
