"""Where the parts are joined: the only place that picks adapters."""

from salon.runtime.server import VERSION as VERSION
from salon.runtime.server import Runtime as Runtime
