"""The guard: a process of its own between the planner and the devices, which checks every command, watches every reading and leaves a safe state behind."""
