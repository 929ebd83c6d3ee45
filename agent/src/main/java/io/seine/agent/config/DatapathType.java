package io.seine.agent.config;

/** Which datapath a bridge uses; {@code AUTO} prefers the kernel's. */
public enum DatapathType {
  AUTO,
  SYSTEM,
  NETDEV
}
