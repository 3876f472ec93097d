/* The pure functions leave nothing behind: after dlclose the library is unmapped. Argument: the library. */
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
    void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL) : NULL;
    const char *(*version)(void);
    uint32_t (*abi_level)(void);
    if (library == NULL || !mapped()) return 2;
    *(void **)&version = dlsym(library, "fhir_ehr_version");
    *(void **)&abi_level = dlsym(library, "fhir_ehr_abi_level");
    if (strchr(version(), '.') == NULL || abi_level() != 1) return 3;
    if (dlclose(library) != 0) return 4;
    return mapped() ? 5 : 0;
}
