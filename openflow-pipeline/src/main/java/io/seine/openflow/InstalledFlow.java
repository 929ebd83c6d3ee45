package io.seine.openflow;

import java.time.Duration;

/**
 * A flow as the switch reported it.
 *
 * @param age how long it has been there
 * @param packets and {@code bytes} what it has matched, unsigned
 * @param idleTimeout and {@code hardTimeout} in seconds, 0 for none
 */
public record InstalledFlow(
    Flow flow,
    long cookie,
    Duration age,
    long packets,
    long bytes,
    int idleTimeout,
    int hardTimeout) {}
