/** What the agent's own answers to packets are made with: bytes, checksums, and a rate. */
@NullMarked
package io.seine.agent.packet;

import org.jspecify.annotations.NullMarked;
