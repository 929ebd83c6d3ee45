package io.seine.agent.config;

/** How pod traffic travels between nodes. */
public enum TunnelType {
  GENEVE,
  VXLAN
}
