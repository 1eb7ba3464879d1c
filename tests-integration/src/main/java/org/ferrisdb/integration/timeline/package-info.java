/// Draws a history as one HTML file that needs nothing else.
@NullMarked
package org.ferrisdb.integration.timeline;

import org.jspecify.annotations.NullMarked;
