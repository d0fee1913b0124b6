"""The worksheet's parts, one file each: merged readings in, tables out."""
