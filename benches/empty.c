/* The function of an empty shared library: what a call costs that does nothing at all. */
const void *empty_call(const void *given);

const void *empty_call(const void *given)
{
    return given;
}
