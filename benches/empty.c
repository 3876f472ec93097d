/* The function of an empty shared library, to measure a call that does nothing. */
const void *empty_call(const void *given);

const void *empty_call(const void *given)
{
    return given;
}
