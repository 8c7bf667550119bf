#pragma once

#define KATYDID_CONCAT_(a, b) a##b
#define KATYDID_CONCAT(a, b) KATYDID_CONCAT_(a, b)

/// For what a macro defines any number of times in one file.
#define KATYDID_UNIQUE(prefix) KATYDID_CONCAT(prefix, __COUNTER__)
