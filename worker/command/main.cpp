#include "worker/command/program.hpp"

int main(int argc, char** argv) { return katydid::run_program(argc, argv); }
