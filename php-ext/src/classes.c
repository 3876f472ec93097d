/* Registers all classes. */

#include "classes.h"

void fe_register_classes(void)
{
#define FE_REGISTER(name) fe_register_##name();
	FE_CLASSES(FE_REGISTER)
#undef FE_REGISTER
}
