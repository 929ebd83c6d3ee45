package io.seine.agent.policy;

import io.seine.pipeline.policy.PortRange;

/** A pod's port that has a name. */
record NamedPort(String name, PortRange range) {}
